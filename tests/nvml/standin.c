/* A stand-in for libnvidia-ml.so.1, read through the real nvidia-ml-py.
 *
 * The trace named by NVML_STANDIN_TRACE is an ini file with sections [driver], [gpu N] and [slice N.M]. A value is what
 * the call gives; several values, parted by blanks, are given call by call, and the last one stays. `!3` in place of a
 * value is NVML's error 3. A key that is absent gives "not supported", as NVML does. Processes are `pid:bytes` pairs
 * parted by commas, `self` standing for the caller and bytes `?` for "not available".
 *
 * Built with -DDRIVER_R450 it lacks the functions that came after that driver.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7 };
enum { MAX_SECTIONS = 16, MAX_KEYS = 32, MAX_TEXT = 512 };

typedef unsigned long long u64;
typedef struct { char name[32], text[MAX_TEXT]; int calls; } Key;
typedef struct { char name[32]; Key keys[MAX_KEYS]; int count; } Section;
typedef struct { u64 total, free, used; } Memory;
typedef struct { unsigned version; u64 total, reserved, free, used; } Memory_v2;
typedef struct { unsigned gpu, memory; } Utilization;
typedef struct { unsigned pid; u64 used; unsigned gpu_instance, compute_instance; } Process;

static Section sections[MAX_SECTIONS];
static int section_count;

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t') text++;
    char *end = text + strlen(text);
    while (end > text && strchr(" \t\r\n", end[-1])) *--end = 0;
    return text;
}

static int load(void)
{
    char line[MAX_TEXT];
    const char *path = getenv("NVML_STANDIN_TRACE");
    FILE *file = path ? fopen(path, "r") : NULL;
    if (!file) return 0;
    section_count = 0;
    while (fgets(line, sizeof line, file)) {
        char *text = trim(line), *equals;
        if (*text == '[' && section_count < MAX_SECTIONS) {
            Section *section = &sections[section_count++];
            memset(section, 0, sizeof *section);
            sscanf(text, "[%31[^]]", section->name);
        } else if (*text && *text != '#' && (equals = strchr(text, '=')) && section_count) {
            Section *section = &sections[section_count - 1];
            if (section->count == MAX_KEYS) abort();
            Key *key = &section->keys[section->count++];
            *equals = 0;
            snprintf(key->name, sizeof key->name, "%s", trim(text));
            snprintf(key->text, sizeof key->text, "%s", trim(equals + 1));
        }
    }
    fclose(file);
    return 1;
}

static Section *find_section(const char *format, int a, int b)
{
    char name[32];
    snprintf(name, sizeof name, format, a, b);
    for (int i = 0; i < section_count; i++)
        if (!strcmp(sections[i].name, name)) return &sections[i];
    return NULL;
}

static Key *find_key(Section *section, const char *name)
{
    for (int i = 0; section && i < section->count; i++)
        if (!strcmp(section->keys[i].name, name)) return &section->keys[i];
    return NULL;
}

static int give(Section *section, const char *name, u64 *value)
{
    Key *key = find_key(section, name);
    char text[MAX_TEXT], *rest, *word, *last = NULL;
    if (!key) return NOT_SUPPORTED;
    strcpy(text, key->text);
    int wanted = key->calls++;
    for (word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        last = word;
        if (!wanted--) break;
    }
    if (!last) return NOT_SUPPORTED;
    if (*last == '!') return atoi(last + 1);
    *value = strtoull(last, NULL, 0);
    return SUCCESS;
}

static int give_unsigned(Section *section, const char *name, unsigned *value)
{
    u64 wide = 0;
    int result = give(section, name, &wide);
    *value = (unsigned)wide;
    return result;
}

static int give_text(Section *section, const char *name, char *text, unsigned size)
{
    Key *key = find_key(section, name);
    if (!key) return NOT_SUPPORTED;
    if (*key->text == '!') return atoi(key->text + 1);
    snprintf(text, size, "%s", key->text);
    return SUCCESS;
}

int nvmlInitWithFlags(unsigned flags)
{
    u64 result = 0;
    (void)flags;
    if (!load()) return 9;
    int error = give(find_section("driver", 0, 0), "init", &result);
    return error == NOT_SUPPORTED ? SUCCESS : error;
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int result)
{
    static char text[32];
    snprintf(text, sizeof text, "stand-in error %d", result);
    return text;
}

int nvmlSystemGetDriverVersion(char *text, unsigned size)
{
    return give_text(find_section("driver", 0, 0), "version", text, size);
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    for (*count = 0; find_section("gpu %d", (int)*count, 0); ++*count) continue;
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, Section **device)
{
    unsigned result = SUCCESS;
    *device = find_section("gpu %d", (int)index, 0);
    if (!*device) return INVALID_ARGUMENT;
    int error = give_unsigned(*device, "handle", &result);
    return error == NOT_SUPPORTED ? SUCCESS : error;
}

int nvmlDeviceGetName(Section *device, char *text, unsigned size) { return give_text(device, "name", text, size); }
int nvmlDeviceGetUUID(Section *device, char *text, unsigned size) { return give_text(device, "uuid", text, size); }

int nvmlDeviceGetCudaComputeCapability(Section *device, int *major, int *minor)
{
    char text[16];
    int result = give_text(device, "compute_capability", text, sizeof text);
    if (result == SUCCESS && sscanf(text, "%d.%d", major, minor) != 2) return INVALID_ARGUMENT;
    return result;
}

int nvmlDeviceGetComputeMode(Section *device, unsigned *mode)
{
    return give_unsigned(device, "compute_mode", mode);
}

int nvmlDeviceGetMigMode(Section *device, unsigned *current, unsigned *pending)
{
    int result = give_unsigned(device, "mig_mode", current);
    *pending = *current;
    return result;
}

int nvmlDeviceGetMaxMigDeviceCount(Section *device, unsigned *count)
{
    return give_unsigned(device, "max_slices", count);
}

int nvmlDeviceGetMigDeviceHandleByIndex(Section *device, unsigned index, Section **slice)
{
    int gpu = 0;
    sscanf(device->name, "gpu %d", &gpu);
    *slice = find_section("slice %d.%d", gpu, (int)index);
    return *slice ? SUCCESS : NOT_FOUND;
}

int nvmlDeviceGetGpuInstanceId(Section *device, unsigned *id) { return give_unsigned(device, "gpu_instance", id); }
int nvmlDeviceGetComputeInstanceId(Section *device, unsigned *id)
{
    return give_unsigned(device, "compute_instance", id);
}

int nvmlDeviceGetMemoryInfo(Section *device, Memory *memory)
{
    u64 reserved = 0;
    int result = give(device, "memory_total", &memory->total);
    if (result == SUCCESS) result = give(device, "memory_used", &memory->used);
    if (give(device, "memory_reserved", &reserved) == SUCCESS) memory->used += reserved;
    memory->free = memory->total - memory->used;
    return result;
}

#ifndef DRIVER_R450
int nvmlDeviceGetMemoryInfo_v2(Section *device, Memory_v2 *memory)
{
    if (memory->version != 0x02000028) return 25;
    int result = give(device, "memory_total", &memory->total);
    if (result == SUCCESS) result = give(device, "memory_used", &memory->used);
    memory->reserved = 0;
    give(device, "memory_reserved", &memory->reserved);
    memory->free = memory->total - memory->used - memory->reserved;
    return result;
}
#endif

int nvmlDeviceGetUtilizationRates(Section *device, Utilization *rates)
{
    rates->memory = 0;
    return give_unsigned(device, "utilization", &rates->gpu);
}

int nvmlDeviceGetPowerUsage(Section *device, unsigned *milliwatts)
{
    return give_unsigned(device, "power_mw", milliwatts);
}

int nvmlDeviceGetTotalEnergyConsumption(Section *device, u64 *millijoules)
{
    return give(device, "energy_mj", millijoules);
}

int nvmlDeviceGetClockInfo(Section *device, int domain, unsigned *megahertz)
{
    if (domain != 1 && domain != 2) return INVALID_ARGUMENT;
    return give_unsigned(device, domain == 1 ? "sm_clock_mhz" : "memory_clock_mhz", megahertz);
}

int nvmlDeviceGetTemperature(Section *device, int sensor, unsigned *celsius)
{
    if (sensor != 0) return INVALID_ARGUMENT;
    return give_unsigned(device, "temperature", celsius);
}

#ifndef DRIVER_R450
int nvmlDeviceGetCurrentClocksEventReasons(Section *device, u64 *mask) { return give(device, "event_reasons", mask); }
#endif
int nvmlDeviceGetCurrentClocksThrottleReasons(Section *device, u64 *mask)
{
    return give(device, "event_reasons", mask);
}

static int processes(Section *device, unsigned *count, Process *out)
{
    Key *key = find_key(device, "processes");
    char text[MAX_TEXT], *rest, *word;
    unsigned room = *count;
    if (!key) return NOT_SUPPORTED;
    if (*key->text == '!') return atoi(key->text + 1);
    *count = 0;
    strcpy(text, key->text);
    for (word = strtok_r(text, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
        char *bytes = strchr(word, ':');
        if (bytes && *count < room && out) {
            memset(&out[*count], 0, sizeof *out);
            out[*count].pid = strncmp(word, "self:", 5) ? (unsigned)atoi(word) : (unsigned)getpid();
            out[*count].used = bytes[1] == '?' ? (u64)-1 : strtoull(bytes + 1, NULL, 0);
        }
        ++*count;
    }
    return *count > room ? INSUFFICIENT_SIZE : SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v2(Section *device, unsigned *count, Process *out)
{
    return processes(device, count, out);
}

#ifndef DRIVER_R450
int nvmlDeviceGetComputeRunningProcesses_v3(Section *device, unsigned *count, Process *out)
{
    return processes(device, count, out);
}
#endif
