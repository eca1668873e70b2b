// webhook-http: posts a message to a URL, signed, again and again with growing pauses until it is taken or given up.
//
//   Slipstream-Id         names the message: the same one may come twice, and then has the same id
//   Slipstream-Timestamp  seconds since 1970 at which this try was made, so that an old request is not played back
//   Slipstream-Signature  sha256= and the HMAC-SHA256, hexadecimal, of timestamp, a full stop and the body
//
// A redirect is not followed: the signature is for the one receiver that was named.

import { createHmac } from 'node:crypto'
import { ExponentialBackoff, handleAll, retry } from 'cockatiel'
import { Failure } from '../lib/failure.ts'
import type { Deliver, OutMessage } from '../runtime/deliver.ts'

export type WebhookHttpOptions = {
  readonly url: string
  readonly secret: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** How long a receiver may take to answer. */
  readonly timeoutMs?: number
  /** Tries after the first. */
  readonly retriesMax?: number
  readonly firstPauseMs?: number
  readonly pauseMsMax?: number
}

/** @throws Failure USAGE for settings that cannot work */
export function webhookHttp(options: WebhookHttpOptions): Deliver {
  const { url, secret, now, timeoutMs = 5_000, retriesMax = 9, firstPauseMs = 1_000, pauseMsMax = 120_000 } = options
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Failure('USAGE', 'webhookUrl is no http or https address', { field: 'webhookUrl' })
  }
  if (secret === '') {
    const help = 'Choose a long random text, and give it to the receiver, too: SLIPSTREAM_WEBHOOK_SECRET.'
    throw new Failure('USAGE', 'webhookUrl needs a webhookSecret to sign with', { field: 'webhookSecret', help })
  }
  // pauses double, with jitter
  const backoff = new ExponentialBackoff({ initialDelay: firstPauseMs, maxDelay: pauseMsMax })
  const policy = retry(handleAll, { maxAttempts: retriesMax, backoff }).dangerouslyUnref()

  async function post({ id, body }: OutMessage, signal: AbortSignal): Promise<void> {
    const timestamp = String(Math.floor(now() / 1000))
    const headers = {
      'content-type': 'application/json',
      'slipstream-id': id,
      'slipstream-timestamp': timestamp,
      'slipstream-signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
    }
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: inTime })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`it answered ${response.status}`)
  }

  return async (message, signal) => {
    const stopped = Promise.withResolvers<never>()
    const stop = () => stopped.reject(new Error('Slipstream is stopping'))
    signal.addEventListener('abort', stop)
    try {
      // a pause goes on after the abort, but nobody waits for it
      await Promise.race([policy.execute(() => post(message, signal), signal), stopped.promise])
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const { host } = new URL(url)
      throw new Failure('WEBHOOK_FAILED', `${message.id} was not delivered to ${host}: ${why}`, {
        help: 'The alert stands in `slipstream drift status` all the same; mend the receiver.',
        cause,
      })
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}
