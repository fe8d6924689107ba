/* To be preloaded: notes and refuses every connection that a process attempts, in whatever language it is written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int refused(const char *what, const struct sockaddr *to)
{
    if (to == NULL || (to->sa_family != AF_INET && to->sa_family != AF_INET6))
        return 0;
    int log = open(getenv("CONNECTIONS_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (write(log, what, strlen(what)) < 0)
        abort();
    close(log);
    errno = ENETUNREACH;
    return 1;
}

int connect(int fd, const struct sockaddr *to, socklen_t size)
{
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    return refused("connect\n", to) ? -1 : real(fd, to, size);
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "sendto");
    return refused("sendto\n", to) ? -1 : real(fd, data, length, flags, to, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t (*real)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
    return refused("sendmsg\n", message->msg_name) ? -1 : real(fd, message, flags);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    struct sockaddr asked = {.sa_family = AF_INET};
    return refused("getaddrinfo\n", &asked) ? EAI_FAIL : real(node, service, hints, found);
}
