// The client of the conversation API: types, and what each call does.

/** The client's own version, as in package.json. */
export const version: string;

/** Makes a chat for one user. Nothing is asked for before `start`. */
export function createChat(options: ChatOptions): Chat;

/** Returns the id of the user of a token. Throws a TypeError where the text is no JWT with a user. */
export function userIdOf(token: string): number;

/**
 * Sends a file to an address by PUT, for an `upload`: with its progress, which Node tells at its beginning and end alone.
 * Rejects with an ApiError where the answer is none of 200 to 299, or there is none; where the signal aborts, with its
 * reason. `header` gives a header of the answer, or null.
 */
export function putFile(
  url: string | URL,
  file: Blob,
  options?: { headers?: Record<string, string>; signal?: AbortSignal; onProgress?(part: number): void },
): Promise<{ status: number; header(name: string): string | null }>;

/** The types that conversations have. */
export const conversationTypes: readonly ConversationType[];

export interface ChatOptions {
  /**
   * The API's address. "/api/v1/conversation/", which is the default, is on the page's own origin; on another one its
   * web server must allow the page's origin. In Node it has to be absolute.
   */
  baseUrl?: string | URL;
  /**
   * Returns the user's token, a JWT of the platform's. It is called before the first request, and when the service has
   * refused a token (401): with that one, so that a new one can be got. null, or the refused one again, ends the chat;
   * a rejection counts as a failure of the network, and is tried again.
   */
  getToken(refused: string | null): string | null | Promise<string | null>;
  /** Where drafts and unsent messages are kept. Default: in memory, until the page is left. */
  storage?: KeyValueStorage;
  /** Uploads a file. Without it sendFile is not possible. */
  upload?: Upload;
  /**
   * Whether the tabs of a browser share one waiting request, as they should: a browser makes six requests at a time to
   * a host over HTTP/1.1. Default: true.
   */
  sharesTabs?: boolean;
  /** Makes the requests. Default: the global fetch. */
  fetch?: typeof fetch;
}

/** What sessionStorage and localStorage have. */
export interface KeyValueStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/**
 * Uploads a file, and resolves to where it is. A rejection shows the message as not sent; "send again" calls it anew. An
 * ApiError that is temporary has it called three times before that. The error's `status` is that of the message's; without
 * one it is 0.
 *
 * @param task.signal aborts where the user takes the message back
 * @param task.onProgress to be called with the part that is done, from 0 to 1
 */
export type Upload = (
  file: Blob,
  task: { conversationId: number; fileName: string; signal: AbortSignal; onProgress(part: number): void },
) => Promise<{ url: string; file_name?: string; file_size?: number; file_type?: string }>;

/**
 * Something that changes. `getSnapshot` returns the same object until there is a change, and an object that was returned
 * never changes: both are functions that need no `this`, as React's useSyncExternalStore takes them.
 */
export interface Observable<Snapshot> {
  /** Calls the listener after each change. Returns a function that ends that. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Snapshot;
}

// MARK: The chat

export interface Chat extends Observable<ChatSnapshot> {
  /** The user's conversations. */
  readonly list: ConversationList;
  /** Begins to read, and to be told what changes. A chat that was stopped can be started again. */
  start(): void;
  /** Ends all requests. Unsent messages stay in the storage, and are sent by the next chat of the same user. */
  stop(): void;
  /** Asks at once how things stand; where nothing waits for news, what is new comes so. */
  refresh(): void;
  /**
   * Opens a conversation, or returns it where it is open. What was loaded of the twenty last closed ones is kept, with
   * their `place`. It is loaded once the chat has started.
   */
  openConversation(id: number): OpenConversation;
  /** Finds the conversation of an order. Rejects with an ApiError, whose status is 404 where there is none. */
  findByOrder(orderId: string, type?: ConversationType): Promise<Conversation>;
  /** Begins a search. */
  search(request: SearchRequest): MessageSearch;
  /** Removes what the storage has of the user, drafts and unsent messages: for signing out. */
  forget(): void;
  /**
   * Calls the listener with each message of somebody else that comes in, in whichever conversation; system messages are
   * left out. Returns a function that ends that.
   */
  onMessage(listener: (message: Message, conversation: Conversation) => void): () => void;
}

export interface ChatSnapshot {
  /** null until the token is known. */
  readonly userId: number | null;
  /** The user's own name and picture, as the conversations have them; null where there is no conversation. */
  readonly me: { readonly nickname: string; readonly avatar_url: string | null } | null;
  /** Why the chat is not up to date, which it will be by itself; or null. */
  readonly problem: ApiError | null;
  /** Why the chat has ended: the token is not accepted, and getToken had no other one (401), or the user is disabled (403). */
  readonly ended: ApiError | null;
  /** Whether changes are told by a waiting request, and not asked for at intervals. */
  readonly isTold: boolean;
  /** Whether it is this tab that waits, for all tabs. */
  readonly isLeading: boolean;
  readonly totalUnread: number;
  /** null until it is known. */
  readonly unreadByType: Readonly<Record<ConversationType, number>> | null;
  /** The texts that wait to be sent, by the conversation's id. */
  readonly drafts: ReadonlyMap<number, Draft>;
}

export interface Draft {
  readonly text: string;
  /** The message that the text answers. */
  readonly replyTo: Quote | null;
}

/** A call was answered with another status than 200, or not at all. `message` is the service's own text, in English. */
export class ApiError extends Error {
  constructor(status: number, message: string, retryAfter?: number | null);
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** Milliseconds that the service asked to wait, or null. */
  readonly retryAfter: number | null;
  /** Whether the same call may succeed later. */
  readonly isTemporary: boolean;
  /** Whether the token or its user is no longer accepted. */
  readonly endsSession: boolean;
}

// MARK: The list

export interface ConversationList extends Observable<ConversationListSnapshot> {
  /** Changes which conversations are listed; what is left out stays. */
  setFilter(filter: Partial<ListFilter>): void;
  /** Loads the next page, unless that is under way or has just failed. */
  loadMore(): void;
}

export interface ListFilter {
  readonly type: ConversationType | null;
  /** A text in the title or in a member's name, of up to 100 characters; "" for all. */
  readonly query: string;
  /** Only those with unread messages. One that is read while it is listed stays until the filter is changed. */
  readonly unread: boolean;
}

export interface ConversationListSnapshot {
  /** The latest activity first. */
  readonly conversations: readonly Conversation[];
  readonly filter: ListFilter;
  readonly isLoaded: boolean;
  readonly hasMore: boolean;
  /** There were too many to look through: there may be more than what is listed. */
  readonly isIncomplete: boolean;
}

// MARK: A conversation

export interface OpenConversation extends Observable<ConversationSnapshot> {
  readonly id: number;
  /** For whoever shows the conversation, to keep where it was scrolled to. */
  place: unknown;
  /** Ends reading it. Messages on their way are sent all the same. */
  close(): void;

  /** Loads the page before the oldest message, unless that is under way or has just failed. */
  loadOlder(): void;
  /** Loads the page behind the newest message, where `hasNewer`. */
  loadNewer(): void;
  /**
   * Has the messages around that one loaded, in place of those that are where it is not among them. `created_at` is the
   * message's. Resolves to whether it is there; rejects with an ApiError.
   */
  jumpTo(message: { readonly message_id: string; readonly created_at?: number }): Promise<boolean>;
  /** Has the newest messages loaded. */
  jumpToEnd(): Promise<void>;
  /**
   * Has the messages around the first unread one loaded, which is `firstUnreadId` from then on. Resolves to that, or to
   * null where none is unread; rejects with an ApiError.
   */
  jumpToUnread(): Promise<string | null>;

  /** Sends a message. It is among `unsent` at once, and is sent until the outcome is known. */
  send(message: OutgoingMessage): void;
  /**
   * Uploads a file, and sends it. Three are uploaded at a time; files that are given in one go arrive in their order, but
   * for those that fail. Returns the message's key. Throws a TypeError where the chat has no `upload`.
   */
  sendFile(file: Blob, message?: { message_type?: FileType; file_name?: string; reply_to?: string }): string;
  /** Whether the chat has an `upload`, so that sendFile is possible. */
  readonly canUpload: boolean;
  /** Sends a failed message again, with the same key. */
  sendAgain(key: string): void;
  /** Removes a message that has failed, or whose file is being uploaded. */
  discard(key: string): void;
  /** Takes an own message back. Rejects with an ApiError. */
  recall(messageId: string): Promise<void>;

  /** Says which message is the newest one on the screen; null: none is. What stays for 0.4 s is marked as read. */
  setVisible(messageId: string | null): void;
  /** Marks all messages as read, those that are not loaded too. */
  markAllRead(): Promise<void>;
  setDraft(draft: Draft): void;

  /** Calls the listener with messages of others, and system messages, that have come in. Returns what ends that. */
  onMessages(listener: (messages: readonly Message[]) => void): () => void;
}

export interface ConversationSnapshot {
  /** What is known of the conversation; null where nothing is. */
  readonly details: Conversation | null;
  /** Whether messages are loaded. */
  readonly isLoaded: boolean;
  /** Why the conversation cannot be shown: 403, 404; or null. */
  readonly error: ApiError | null;
  /** Oldest first, without a gap. created_at is strictly increasing, except that some old messages share one. */
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  /** Whether newer ones exist that are not loaded, as after a jump. What comes in then is not among `messages`. */
  readonly hasNewer: boolean;
  readonly unsent: readonly UnsentMessage[];
  /** The first message that was unread when the conversation was opened, or null. */
  readonly firstUnreadId: string | null;
  /**
   * Messages between those that are loaded and what the user has read are unread and not loaded: nothing is marked until
   * they are, or `markAllRead` is called.
   */
  readonly hasUnreadBefore: boolean;
  /** The order's status, by the newest message that told it; null where none has. */
  readonly orderStatus: string | null;
  readonly draft: Draft;
}

export interface OutgoingMessage {
  readonly message_type: "text" | FileType;
  /** The text, or the file's URL. */
  readonly content: string;
  readonly file_name?: string;
  readonly file_size?: number;
  readonly file_type?: string;
  /** message_id of the message that this one answers. */
  readonly reply_to?: string;
}

export interface UnsentMessage {
  /** The message's client_message_id. */
  readonly key: string;
  readonly state: "uploading" | "sending" | "failed";
  readonly message: OutgoingMessage;
  /** What the message quotes. */
  readonly quote: Quote | null;
  /** The part of the file that is uploaded, from 0 to 1; null where there is none. */
  readonly progress: number | null;
  /** Why it has failed; status is 0 without an answer. */
  readonly error: { readonly status: number; readonly message: string } | null;
}

// MARK: A search

export interface SearchRequest {
  /** 1 to 100 characters. May be left out where `message_type` is given. */
  readonly query?: string;
  readonly message_type?: MessageType;
  /** Only in this conversation. */
  readonly conversation_id?: number;
}

export interface MessageSearch extends Observable<MessageSearchSnapshot> {
  /** Looks for further messages, unless that is under way. */
  loadMore(): void;
  close(): void;
}

export interface MessageSearchSnapshot {
  /** The latest activity first. */
  readonly messages: readonly FoundMessage[];
  readonly isSearching: boolean;
  readonly hasMore: boolean;
  /** Why it has stopped; loadMore tries again. */
  readonly error: ApiError | null;
}

// MARK: What the service answers with

export type ConversationType = "kol_order" | "ad_order" | "general" | "support";
export type FileType = "image" | "file" | "video" | "audio";
export type MessageType = "text" | "system" | FileType;

export interface Conversation {
  readonly id: number;
  readonly conversation_id: string;
  readonly type: ConversationType | string;
  readonly title: string | null;
  readonly related_order_type: string | null;
  readonly related_order_id: string | null;
  readonly status: "active" | "archived" | "closed" | string;
  /** Milliseconds; null while there is no message. */
  readonly last_message_at: number | null;
  readonly unread_count: number;
  readonly members: readonly Member[];
  /** Lists and changes tell it. */
  readonly last_message?: LastMessage | null;
  /** "YYYY-MM-DD HH:MM:SS" in the service's time zone. */
  readonly created_at: string;
}

export interface Member {
  readonly user_id: number;
  readonly nickname: string;
  readonly avatar_url: string | null;
  readonly role: "creator" | "member" | "admin" | string;
  readonly joined_at?: string;
  /** Up to where the member has read: milliseconds; null for nothing. Lists do not tell it. */
  readonly last_read_at?: number | null;
}

export interface Message {
  readonly message_id: string;
  /** The conversation's `id`. */
  readonly conversation_id: number;
  readonly sender_id: number;
  readonly sender_nickname: string;
  readonly sender_avatar_url?: string | null;
  readonly message_type: MessageType | string;
  /** The text, or the file's URL. */
  readonly content: string;
  readonly file_name?: string | null;
  readonly file_size?: number | null;
  readonly file_type?: string | null;
  readonly status: "sent" | "delivered" | "read" | "failed" | string;
  /** Milliseconds. */
  readonly created_at: number;
  readonly client_message_id?: string | null;
  readonly reply_to?: Quote | null;
  /** Until when the user can take the message back: milliseconds. */
  readonly recallable_until?: number | null;
  /** What a system message tells, for programs. More types will come. */
  readonly event?: SystemEvent | null;
}

/** The newest message of a conversation, as lists tell it. */
export interface LastMessage {
  readonly message_id: string;
  /** null where it is not known: several members have the sender's name, or none has it any more. */
  readonly sender_id: number | null;
  readonly sender_nickname: string;
  readonly message_type: MessageType | string;
  readonly content: string;
  /** Milliseconds. */
  readonly created_at: number;
  readonly event?: SystemEvent | null;
}

/** The beginning of a message that another one answers. */
export interface Quote {
  readonly message_id: string;
  readonly sender_id?: number;
  readonly sender_nickname?: string;
  readonly message_type?: MessageType | string;
  readonly content?: string;
  readonly file_name?: string | null;
  /** It was taken back, or deleted: there is no content. */
  readonly recalled?: boolean;
}

export type SystemEvent =
  | { readonly type: "recall"; readonly message_id: string }
  | { readonly type: "order_status"; readonly order_id: string; readonly from: string | null; readonly to: string };

export interface FoundMessage extends Message {
  readonly conversation: { readonly id: number; readonly conversation_id: string; readonly title: string | null };
  /** Where the query is: [start, length] in UTF-16 code units. */
  readonly match: {
    readonly content: readonly (readonly [number, number])[];
    readonly file_name: readonly (readonly [number, number])[];
  };
}
