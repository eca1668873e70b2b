// The delivery port: a message for somebody elsewhere, who may be slow, broken or gone.

/** `id` names the message for good: the same one may come twice, and is then known by it. */
export type OutMessage = { readonly id: string; readonly body: string }

/** Resolves once the receiver has taken it; rejects when it is given up, or at once when the signal aborts. */
export type Deliver = (message: OutMessage, signal: AbortSignal) => Promise<void>
