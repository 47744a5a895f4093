// Owns one EVP_MAC_CTX: HMAC with SHA-256 (RFC 2104) under one key.

internal import COpenSSL

/// Computes and compares authentication codes under a key. It belongs to one thread: the context is kept, and
/// initialized anew for each code, which takes a fifth of the time of a one-shot call.
final class HMACSHA256 {
    private let context: OpaquePointer

    /// The length of a code in bytes.
    static let length = 32

    /// - Parameter key: at least one byte.
    init(key: [UInt8]) {
        precondition(!key.isEmpty, "a key has at least one byte")
        guard let mac = EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil), let context = EVP_MAC_CTX_new(mac) else {
            fatalError("libcrypto offers no HMAC")
        }
        // The context holds a reference of its own.
        EVP_MAC_free(mac)
        guard Self.initialize(context, key: key) else { fatalError("libcrypto offers no HMAC with SHA-256") }
        self.context = context
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    /// Keys the context. An OSSL_PARAM has pointers to its name and value, which therefore stay in scope around the
    /// call.
    private static func initialize(_ context: OpaquePointer, key: [UInt8]) -> Bool {
        var digest = Array(OSSL_DIGEST_NAME_SHA2_256.utf8CString)
        return OSSL_MAC_PARAM_DIGEST.withCString { name in
            digest.withUnsafeMutableBufferPointer { digest in
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(name, digest.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                return EVP_MAC_init(context, key, key.count, parameters) == 1
            }
        }
    }

    /// The code of `bytes`.
    func code(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        var length = 0
        let code = [UInt8](unsafeUninitializedCapacity: Self.length) { buffer, count in
            let succeeded = bytes.withUnsafeBufferPointer { bytes in
                EVP_MAC_init(context, nil, 0, nil) == 1
                    && EVP_MAC_update(context, bytes.baseAddress, bytes.count) == 1
                    && EVP_MAC_final(context, buffer.baseAddress, &length, buffer.count) == 1
            }
            count = succeeded ? length : 0
        }
        guard code.count == Self.length else { fatalError("libcrypto computed no HMAC") }
        return code
    }

    /// Whether `code` is that of `bytes`. The time that the comparison takes does not depend on how much of it is
    /// right.
    func isValid(_ code: [UInt8], for bytes: ArraySlice<UInt8>) -> Bool {
        code.count == Self.length && CRYPTO_memcmp(code, self.code(of: bytes), Self.length) == 0
    }
}
