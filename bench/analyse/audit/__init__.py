"""Records judged for whoever publishes them: do they contradict themselves, each other, or physics?"""
