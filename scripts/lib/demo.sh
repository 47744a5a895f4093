# Demo data, the demo users of the chat page, and the request lines that use them. Sourced, not run.

# Of the tokens in the chat page's list: as long as somebody may leave a stack running.
DEMO_TOKEN_SECONDS=$((30 * 86400))

load_demo_data() {
    local there
    there=$(query "SELECT COUNT(*) FROM orbia_user WHERE email = 'zhang.wei@demo.orbia.example'") ||
        die "the database could not be read."
    if ((there == 0)); then
        say "loading demo data"
        # Over plain HTTP, where no browser minds the certificate.
        {
            printf "SET @files = 'http://127.0.0.1:%s/demo-files';\n" "$http_port"
            cat -- "$REPOSITORY/scripts/lib/demo.sql"
        } | administer "$DATABASE" >&2 ||
            die "the demo data was refused; MariaDB's message is above."
    fi
}

# write_demo_users: who can be picked at the chat page's sign-in, with a token each. One who is not there
# (any more) is left out.
write_demo_users() {
    local rows id user separator=''
    # Raw, since the client would double the backslashes of JSON.
    rows=$(administer --batch --raw --skip-column-names "$DATABASE" --execute "
        SELECT id, JSON_OBJECT('id', id, 'nickname', COALESCE(NULLIF(nickname, ''), CONCAT('用户', id)),
            'avatar_url', avatar_url, 'part', CASE WHEN role = 'admin' THEN 'admin' WHEN kol_id IS NULL THEN 'buyer' ELSE 'kol' END)
        FROM orbia_user
        WHERE status = 'normal'
          AND (email LIKE '%@demo.orbia.example' OR wallet_address LIKE '0x%d3m01')
        ORDER BY id") || die "the database could not be read."
    {
        printf '{"users":['
        while IFS=$'\t' read -r id user; do
            [[ -n $id ]] || continue
            printf '%s\n%s,"token":"%s"}' "$separator" "${user%\}}" "$(token "$id" "$DEMO_TOKEN_SECONDS")"
            separator=','
        done <<<"$rows"
        printf '\n]}\n'
    } | write_private "$STATE/demo-users.json"
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
