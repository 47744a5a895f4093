// Which files can be sent: their kinds by extension, and how large each may be.

const EXTENSIONS = {
  image: ["jpg", "jpeg", "png", "gif", "webp", "avif"],
  video: ["mp4", "m4v", "mov", "webm"],
  audio: ["mp3", "m4a", "aac", "ogg", "opus", "wav", "weba"],
  // Pictures that browsers do not show are documents, too. SVG and HTML are none of these: they can have scripts.
  document: [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "csv", "md", "srt", "zip", "rar", "7z",
    "heic", "heif", "tif", "tiff", "bmp", "psd", "ai",
  ],
};

const MB = 1_000_000;

/** The largest size of each kind, in bytes, as on the platform; sound is as documents are. */
const LIMITS = { image: 10 * MB, document: 50 * MB, audio: 50 * MB, video: 100 * MB };

// Of files without an extension, such as pictures from the clipboard.
const BY_TYPE = {
  "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif",
  "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "audio/mpeg": "mp3", "audio/mp4": "m4a",
  "audio/ogg": "ogg", "audio/webm": "weba", "audio/wav": "wav", "application/pdf": "pdf", "text/plain": "txt",
};

/** For a file chooser: pictures and videos, which phones then offer to take. */
export const MEDIA = "image/*,video/*";
/** And all that can be sent. */
export const EVERYTHING = Object.values(EXTENSIONS).flat().map((extension) => `.${extension}`).join();

/** Returns the extension in a name, in lower case, or "". */
export function extensionIn(name) {
  return /\.([a-z0-9]{1,8})$/i.exec(name)?.[1].toLowerCase() ?? "";
}

/** Returns the extension under which a file is uploaded, or "" where it has none that says what it is. */
export function extensionOf(file, name = file.name ?? "") {
  const [type] = file.type.split(";");
  const extension = extensionIn(name) || (BY_TYPE[type] ?? "");
  // What a browser records is sound, or video, in the same format.
  return extension === "webm" && type.startsWith("audio/") ? "weba" : extension;
}

/** Returns "image", "video", "audio" or "document", or null where an extension is none of what can be sent. */
export function kindOf(extension) {
  return Object.keys(EXTENSIONS).find((kind) => EXTENSIONS[kind].includes(extension)) ?? null;
}

/** Returns the message_type of a file with an extension. */
export function messageTypeOf(extension) {
  const kind = kindOf(extension);
  return kind === null || kind === "document" ? "file" : kind;
}

/** Returns why a file cannot be sent: {reason: "empty" | "kind" | "size", kind, limit}, or null where it can. */
export function refusalOf(file, limits = {}) {
  const kind = kindOf(extensionOf(file));
  if (kind === null) return { reason: "kind", kind, limit: null };
  const limit = limits[kind] ?? LIMITS[kind];
  if (file.size > limit) return { reason: "size", kind, limit };
  return file.size === 0 ? { reason: "empty", kind, limit } : null;
}
