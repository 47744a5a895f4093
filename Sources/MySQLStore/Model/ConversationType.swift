/// The types of conversations that the API knows. The platform's column may have others besides.
public enum ConversationType: String, CaseIterable, Sendable {
    case kolOrder = "kol_order"
    case adOrder = "ad_order"
    case general
    case support
}
