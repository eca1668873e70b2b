// The webhook for alerts, if one is set, and what it is silent about.

import { type App, isOurs } from '../app.ts'
import { Silences } from '../jobs/silences.ts'

export type OpenWebhook = { readonly silences: Silences; readonly stop: () => Promise<void> }

/** Started. @throws Failure USAGE for settings that cannot work */
export async function openWebhook(app: App, onTrouble: (error: unknown) => void): Promise<OpenWebhook> {
  const { config, log, codec, blobs, clock, sharing } = app
  const silences = await Silences.open(blobs)
  const { webhookUrl: url, webhookSecret: secret } = config
  if (url === '') return { silences, stop: async () => undefined }
  // only where there is one: most have none, and every start would wait for it
  const [{ webhookHttp }, { Turn }, { Webhook }] = await Promise.all([
    import('../adapters/webhook-http.ts'),
    import('../jobs/turn.ts'),
    import('../jobs/webhook.ts'),
  ])
  const deliver = webhookHttp({ url, secret, now: () => clock.now() })
  const isSilenced: Silences['covers'] = (kind, openedAt) => silences.covers(kind, openedAt)
  const turn = sharing && new Turn({ log, job: 'webhook', by: sharing.name, isOurs: () => isOurs(app, 'webhook') })
  const webhook = new Webhook({ log, codec, blobs, clock, deliver, isSilenced, onTrouble, ...(turn ? { turn } : {}) })
  await webhook.start()
  const unlisten = sharing?.group.onChange(() => webhook.wake())
  const stop = async () => {
    unlisten?.()
    await webhook.stop()
  }
  return { silences, stop }
}
