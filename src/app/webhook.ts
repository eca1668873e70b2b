// The webhook for alerts, if one is set, and what it is silent about.

import type { App } from '../app.ts'
import { Silences } from '../jobs/silences.ts'
import { Webhook } from '../jobs/webhook.ts'

export type OpenWebhook = { readonly silences: Silences; readonly stop: () => Promise<void> }

/** Started. @throws Failure USAGE for settings that cannot work */
export async function openWebhook(
  { config, log, codec, blobs, clock }: App,
  onTrouble: (error: unknown) => void,
): Promise<OpenWebhook> {
  const silences = await Silences.open(blobs)
  const { webhookUrl: url, webhookSecret: secret } = config
  if (url === '') return { silences, stop: async () => undefined }
  // only where there is one: most have none, and every start would wait for it
  const { webhookHttp } = await import('../adapters/webhook-http.ts')
  const deliver = webhookHttp({ url, secret, now: () => clock.now() })
  const isSilenced: Silences['covers'] = (kind, openedAt) => silences.covers(kind, openedAt)
  const webhook = new Webhook({ log, codec, blobs, clock, deliver, isSilenced, onTrouble })
  await webhook.start()
  return { silences, stop: () => webhook.stop() }
}
