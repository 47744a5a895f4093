"""Runs, tests and measures Orbia Conversation: what the commands in scripts/ are made of.

commands/ has a module for each command, which scripts/NAME starts by way of launch.sh. scripts/run is made of

    running/                                   the parts of a stack: MariaDB, Galera, service, nginx, demo data
    supervision/                               processes: started, watched, restarted in turn, stopped
    state                                      the directory that a stack keeps everything in

supervision/restarts and running/galera_recovery decide what is to be done when: values without I/O or clock.

What uses a stack, the tests in Tests/ among it:

    stack, cluster, running_stack              scripts/run as a child process, and its parts by name
    database_server, server_states             the servers of a stack: asked, and brought into bad states
    private_mariadb, database                  a server and a database without a stack, through pymysql
    fastcgi/, tokens, repeated_calls           clients of the service
    stack_options, figures                     options and results of a command that brings up a stack
    document                                   the commands of a chapter of docs/, run as they stand there
    load/, chaos/, resilience/, twin/, migration/, search/, drill/, fuzz/, testing/
                                               what the commands do, each in modules of one topic

What is nobody's domain: processes, ports, polling, paths, packages, machine, builds, terminal.
"""
