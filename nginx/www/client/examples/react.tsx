// A chat in React: the conversations, and an open one in which messages are sent. The chat is made where the user signs
// in, outside of React: const chat = createChat({ getToken }); chat.start();
import { useEffect, useState, useSyncExternalStore } from "react";
import type { FormEvent } from "react";
import type { Chat, Observable, OpenConversation } from "@orbia/conversation-client";

function useSnapshot<Snapshot>({ subscribe, getSnapshot }: Observable<Snapshot>): Snapshot {
  return useSyncExternalStore(subscribe, getSnapshot);
}

export function ChatApp({ chat }: { chat: Chat }) {
  const { ended, problem } = useSnapshot(chat);
  const { conversations, hasMore } = useSnapshot(chat.list);
  const [openId, setOpenId] = useState<number | null>(null);
  if (ended) return <p role="alert">You are signed out.</p>;
  return (
    <main>
      {problem && <p role="status">Connecting …</p>}
      <nav>
        {conversations.map(({ id, title, unread_count }) => (
          <button key={id} aria-current={id === openId} onClick={() => setOpenId(id)}>
            {title} {unread_count > 0 && <b>{unread_count}</b>}
          </button>
        ))}
        {hasMore && <button onClick={() => chat.list.loadMore()}>More</button>}
      </nav>
      {openId !== null && <Opened key={openId} chat={chat} id={openId} />}
    </main>
  );
}

function Opened({ chat, id }: { chat: Chat; id: number }) {
  const [conversation, setConversation] = useState<OpenConversation | null>(null);
  useEffect(() => {
    const opened = chat.openConversation(id);
    setConversation(opened);
    return () => opened.close();
  }, [chat, id]);
  return conversation && <Messages conversation={conversation} />;
}

function Messages({ conversation }: { conversation: OpenConversation }) {
  const { messages, hasOlder, unsent, draft, error } = useSnapshot(conversation);
  const newestId = messages.at(-1)?.message_id ?? null;
  useEffect(() => conversation.setVisible(newestId), [conversation, newestId]);
  if (error) return <p role="alert">This conversation cannot be shown.</p>;
  function send(event: FormEvent) {
    event.preventDefault();
    if (draft.text.trim() === "") return;
    conversation.send({ message_type: "text", content: draft.text });
    conversation.setDraft({ text: "", replyTo: null });
  }
  return (
    <form onSubmit={send}>
      {hasOlder && <button type="button" onClick={() => conversation.loadOlder()}>Older</button>}
      <ol>
        {messages.map((it) => <li key={it.message_id}>{it.sender_nickname}: {it.content}</li>)}
        {unsent.map(({ key, state, message }) => (
          <li key={key}>
            {message.content} ({state})
            {state === "failed" && <button type="button" onClick={() => conversation.sendAgain(key)}>Again</button>}
          </li>
        ))}
      </ol>
      <input aria-label="Message" value={draft.text}
        onChange={(event) => conversation.setDraft({ ...draft, text: event.target.value })} />
      <button>Send</button>
    </form>
  );
}
