// The webhook for alerts, if one is set.

import type { App } from '../app.ts'
import { Webhook } from '../jobs/webhook.ts'

/** Started. @throws Failure USAGE for settings that cannot work */
export async function openWebhook(
  { config, log, codec, blobs, clock }: App,
  onTrouble: (error: unknown) => void,
): Promise<Pick<Webhook, 'stop'> | null> {
  const { webhookUrl: url, webhookSecret: secret } = config
  if (url === '') return null
  // only where there is one: most have none, and every start would wait for it
  const { webhookHttp } = await import('../adapters/webhook-http.ts')
  const deliver = webhookHttp({ url, secret, now: () => clock.now() })
  const webhook = new Webhook({ log, codec, blobs, deliver, onTrouble })
  await webhook.start()
  return webhook
}
