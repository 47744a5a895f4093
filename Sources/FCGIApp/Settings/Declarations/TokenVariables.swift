// The settings that say which tokens are accepted.

struct TokenVariables: SettingGroup {
    var title: String { "Tokens" }

    let secret = Setting<String>.text(
        "JWT_SECRET",
        default: .required,
        "The secret that the platform signs its tokens with (HS256). It should have at least 32 bytes."
    )
    let previousSecret = Setting<String>.text(
        "JWT_SECRET_PREVIOUS",
        default: .absent("none"),
        "A second secret whose tokens are accepted. While the secret is being changed, it keeps users logged in."
    )
    let issuer = Setting<String>.text(
        "JWT_ISSUER",
        default: .absent("not checked"),
        "What a token's `iss` must be; the platform's is orbia_api."
    )
}
