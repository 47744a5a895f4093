// What differs from one site to the next. The page takes it as it stands here: change it, reload, and it is so.

export const config = {
  // The API's address; null for /api/v1/conversation/ on the page's own origin. On another one,
  // orbia-conversation-origins.conf has to list the page's origin, and the page's policy (connect-src) the API's.
  baseUrl: null,

  // Where an order can be seen, as the link "View the order" in the head of a conversation; null for no link. In the
  // template {order_id} becomes the order's number, and {type} the conversation's type, kol_order or ad_order, both
  // encoded. Only http and https addresses become links; one that begins with "/" is on the page's origin.
  // For example: "https://shop.example/orders/{order_id}?type={type}"
  orderLink: null,

  // Where the platform's own sign-in is: the page then leads there in place of its own sign-in. "{return}" in it
  // becomes this page's address, conversation included, encoded: "https://example.com/sign-in?next={return}". The page
  // gets the token from tokenUrl when the user comes back. null: the page's own sign-in, where one pastes a token.
  signInUrl: null,

  // Where the platform tells the token of the user who is signed in there, by its cookies: a GET that is answered with
  // {"token": "…"}, or with 401 where nobody is. It is asked where a tab has no token, and when a token has expired,
  // so that users need not sign in again. On another origin it needs CORS with credentials, and connect-src. null:
  // tokens are not renewed.
  tokenUrl: null,

  // Where files are uploaded: a PUT of the file, with the user's token, "{extension}" being the file's ("png"). It is
  // answered with 201 and the file's address in Location. null: files are shared by their URL alone.
  // As it stands here it is the upload of scripts/run (nginx/local/uploads.conf).
  uploadUrl: "/uploads/new.{extension}",

  // In place of uploadUrl, where uploads go another way: a function that gets getToken, and returns an `upload` as
  // createChat takes it. For example, with client/examples/platform-upload.js:
  // (getToken) => platformUpload({ endpoint: "https://api.example/upload-address", getToken })
  // The page's policy needs what it connects to in connect-src.
  upload: null,

  // How large files may be, in bytes, where that is not as on the platform: image 10 MB, document and audio 50 MB,
  // video 100 MB. For example: { image: 20_000_000 }
  uploadLimits: {},

  // Where the browser goes when the user signs out, so that the platform's own session ends, too. null: stay here.
  signOutUrl: null,
};
