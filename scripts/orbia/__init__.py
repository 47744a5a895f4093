"""Runs, tests and measures Orbia Conversation: what the commands in scripts/ are made of.

commands/ has a module for each command, which scripts/NAME starts by way of launch.sh. What runs a stack, from the top:

    service, nginx, demo, galera, mariadb      its parts: what each is given, how it is started, when it is ready
    supervisor, child, sessions, leftovers     processes: started, watched, restarted in turn, stopped
    restarts, galera_recovery                  what is to be done when, decided by values without I/O or clock
    state, signals                             the directory of a stack; what stops a command
    packages, galera_installation, machine     what has to be there before

What uses a stack, the tests in Tests/ among it:

    stack, cluster, running_stack              scripts/run as a child process, and its parts by name
    database_server, server_states             the servers of a stack: asked, and brought into bad states
    private_mariadb, database                  a server and a database without a stack, through pymysql
    fastcgi/, tokens, repeated_calls           clients of the service
    processes, ports, polling, paths           what is nobody's domain
    stack_options, figures                     options and results of a command that brings up a stack
    load/, chaos/, resilience/, twin/, migration/, fuzz/
                                               what the commands do, each in modules of one topic
"""
