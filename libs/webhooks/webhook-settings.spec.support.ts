import type { WebhookSettings, WebhookUrlRules } from '#config'

/** What a spec wants different from the defaults. */
export type WebhookSettingsChange = Partial<Omit<WebhookSettings, 'url'>> & { readonly url?: Partial<WebhookUrlRules> }

/** The settings of a server in production where nothing is configured. */
export function webhookSettings({ url, ...change }: WebhookSettingsChange = {}): WebhookSettings {
  return {
    disabled: false,
    headers: [],
    allowedTargets: [],
    secrets: [],
    proxy: null,
    retryScheduleMs: [5_000, 30_000, 120_000],
    timeoutMs: 10_000,
    concurrency: 128,
    perHost: 16,
    maxBodyBytes: 5 * 1024 * 1024,
    retentionMs: 30 * 24 * 3_600_000,
    inspector: false,
    allowPrivateNetworks: false,
    ...change,
    url: {
      allowedDomains: null,
      requireHttps: false,
      allowedPorts: null,
      disableLoopback: false,
      maxUrlLength: 2048,
      ...url,
    },
  }
}
