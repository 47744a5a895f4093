# nginx in front of the service: certificate, configuration, start. Sourced, not run.

# check_ports: before anything is built or started. A port in use would show up minutes later.
check_ports() {
    check_port 127.0.0.1 "$https_port" --https
    check_port 127.0.0.1 "$http_port" --http
    check_port 127.0.0.1 "$status_port" --status
    if has_ipv6; then
        check_port ::1 "$https_port" --https
    fi
    if [[ $database == galera ]]; then
        check_galera_ports
    fi
}

check_port() {
    if (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; then
        die "port $2 of $1 is in use by another program." "Choose another one with $3."
    fi
}

# Whether [::1] exists: many containers have no IPv6.
has_ipv6() {
    grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null
}

# A certificate of our own for localhost. 825 days is the most that browsers and Apple's TLS take.
make_certificate() {
    local key="$STATE/tls/localhost.key" certificate="$STATE/tls/localhost.crt"
    if [[ -s $key ]] && openssl x509 -in "$certificate" -noout -checkend 604800 >/dev/null 2>&1; then
        return 0
    fi
    say "making a certificate for localhost"
    (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
        -subj /CN=localhost -keyout "$key" -out "$certificate.new" \
        -addext basicConstraints=critical,CA:FALSE \
        -addext keyUsage=critical,digitalSignature \
        -addext extendedKeyUsage=serverAuth \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1) 2>"$STATE/log/openssl.log" ||
        die "openssl could not make a certificate:" "$(<"$STATE/log/openssl.log")"
    mv -f -- "$certificate.new" "$certificate"
}

# The files of nginx/ as they are, with this stack's sockets and ports in the places that a site
# changes.
write_nginx_configuration() {
    local text name user='# Not started as root: nginx runs as who started it.' ipv6='# No IPv6 on this machine.'
    if ((EUID == 0)); then
        # nginx's workers would otherwise be "nobody", who cannot reach into a private directory.
        user='user root;'
    fi
    if has_ipv6; then
        ipv6="listen [::1]:$https_port ssl backlog=4096;"
    fi
    cp -- "$REPOSITORY"/nginx/orbia-conversation{,-http,-origins}.conf "$STATE/nginx/"
    for name in $(instance_names); do
        printf 'server "unix:%s" max_fails=1 fail_timeout=1s;\n' "$STATE/$name.sock"
    done >"$STATE/nginx/orbia-conversation-sockets.conf"
    printf "%s '';\n" "$http_port" >"$STATE/nginx/orbia-conversation-unlimited.conf"

    text=$(<"$REPOSITORY/nginx/orbia-conversation-status.conf")
    text=${text//127.0.0.1:9180/"127.0.0.1:$status_port"}
    text=${text//unix:\/run\/orbia-conversation\//"unix:$STATE/service-"}
    printf '%s\n' "$text" >"$STATE/nginx/orbia-conversation-status.conf"

    for name in nginx chat-page; do
        text=$(<"$REPOSITORY/nginx/local/$name.conf")
        text=${text//@USER@/"$user"}
        text=${text//@LISTEN_IPV6@/"$ipv6"}
        text=${text//@HTTPS_PORT@/"$https_port"}
        text=${text//@HTTP_PORT@/"$http_port"}
        text=${text//@REPOSITORY@/"$REPOSITORY"}
        text=${text//@DIR@/"$STATE"}
        printf '%s\n' "$text" >"$STATE/nginx/$name.conf"
    done
}

start_nginx() {
    make_certificate
    write_nginx_configuration
    say "starting nginx"
    set_log_aside "$STATE/log/nginx-access.log"
    start_child nginx QUIT 10 "$STATE/log/nginx-error.log" \
        nginx -p "$STATE/nginx" -c "$STATE/nginx/nginx.conf" -e "$STATE/log/nginx-error.log"
    wait_for_child nginx 30 "the service answered through it" service_answers
}

# One request that goes the whole way. 401 is the service's own answer to a request without a token;
# nginx has none with that status.
service_answers() {
    local answer
    answer=$(curl --silent --noproxy '*' --max-time 5 --cacert "$STATE/tls/localhost.crt" \
        --header 'Content-Type: application/json' --data '{}' --write-out ' %{http_code}' \
        "https://localhost:$https_port/api/v1/conversation/get_conversations")
    [[ $answer == *'"base_resp"'*' 401' ]]
}
