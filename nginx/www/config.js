// The settings of this page, for whoever serves it. It is plain JavaScript: change it, and reload.

export const config = {
  // Where the conversation API is: null for /api/v1/conversation/ on the page's own origin.
  baseUrl: null,

  // Where an order can be seen, as the link "View the order" in the head of a conversation; null for no link. In the
  // template {order_id} becomes the order's number, and {type} the conversation's type, kol_order or ad_order, both
  // encoded. Only http and https addresses become links; one that begins with "/" is on the page's origin.
  // For example: "https://shop.example/orders/{order_id}?type={type}"
  orderLink: null,
};
