"""Runs, tests and measures Orbia Conversation: what the commands in scripts/ are made of.

commands/ has a module for each command, which scripts/NAME starts by way of launch.sh. What runs a stack, from the top:

    service, nginx, demo, galera, mariadb      its parts: what each is given, how it is started, when it is ready
    supervisor, child, sessions, leftovers     processes: started, watched, restarted in turn, stopped
    restarts, galera_recovery                  what is to be done when, decided by values without I/O or clock
    state, signals                             the directory of a stack; what stops a command
    packages, galera_installation, machine     what has to be there before
"""
