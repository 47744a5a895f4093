# Demo data, and the request lines that use it. Sourced, not run.

load_demo_data() {
    local there
    there=$(query "SELECT COUNT(*) FROM orbia_user WHERE email = 'zhang.wei@demo.orbia.example'") ||
        die "the database could not be read."
    if ((there == 0)); then
        say "loading demo data"
        administer "$DATABASE" <"$REPOSITORY/scripts/lib/demo.sql" >&2 ||
            die "the demo data was refused; MariaDB's message is above."
    fi
}

# Two request lines to paste, for two members of one conversation. Nothing where the demo data has
# been changed so far that they are not there.
print_demo_requests() {
    local row conversation buyer buyer_name kol kol_name
    row=$(query "
        SELECT c.id, buyer.id, buyer.nickname, kol.id, kol.nickname
        FROM orbia_conversation c
        JOIN orbia_conversation_member bm ON bm.conversation_id = c.id
        JOIN orbia_user buyer ON buyer.id = bm.user_id AND buyer.email = 'zhang.wei@demo.orbia.example'
        JOIN orbia_conversation_member km ON km.conversation_id = c.id
        JOIN orbia_user kol ON kol.id = km.user_id AND kol.email = 'li.na@demo.orbia.example'
        WHERE c.status = 'active' AND c.deleted_at IS NULL
        ORDER BY c.id LIMIT 1")
    IFS=$'\t' read -r conversation buyer buyer_name kol kol_name <<<"$row"
    if [[ -z $conversation ]]; then
        print_token_advice
        return
    fi
    printf '\n%s (user %s) sends a message:\n' "$buyer_name" "$buyer"
    print_request "$buyer" send_message \
        "{\"conversation_id\":$conversation,\"message_type\":\"text\",\"content\":\"你好，视频什么时候可以交付？\"}"
    printf '\n%s (user %s) reads it:\n' "$kol_name" "$kol"
    print_request "$kol" get_messages "{\"conversation_id\":$conversation}"
    printf '\nThe tokens are valid for 24 hours. Other routes: get_conversation and mark_read with the same\n'
    printf 'body as get_messages, get_conversations with {}.\n'
}

# print_request USER ROUTE BODY
print_request() {
    local direct='' bearer
    bearer=$(token "$1" 86400)
    # A proxy in the environment would not know localhost.
    if [[ -n ${https_proxy:-}${HTTPS_PROXY:-}${all_proxy:-}${ALL_PROXY:-} ]]; then
        direct=" --noproxy '*'"
    fi
    printf "curl -sS%s --cacert %q -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -d '%s' -w '\\\\n' https://localhost:%s/api/v1/conversation/%s\n" \
        "$direct" "$STATE/tls/localhost.crt" "$bearer" "$3" "$https_port" "$2"
}

# How to get a token by hand. The database's settings are not needed for it.
print_token_advice() {
    printf '\nA token for the user with the id 1, valid for an hour:\n'
    # shellcheck disable=SC2016 # the reader's shell shall expand it
    printf 'JWT_SECRET="$(cat %q)" %q token --user-id 1 --ttl 3600\n' "$STATE/jwt-secret" "$SERVICE"
}
