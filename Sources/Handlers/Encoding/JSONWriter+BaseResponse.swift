// base_resp, the last member of every answer.

extension JSONWriter {
    /// Writes the member `base_resp`.
    mutating func baseResponse(code: Int, message: String) {
        key("base_resp")
        object { base in
            base.member("code", Int64(code))
            base.member("message", message)
        }
    }
}
