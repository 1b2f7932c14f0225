import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { RecentMap, WebhookPolicy } from '#kernel'
import { judgeAddress } from './address-policy.js'
import { LoopbackTarget } from './loopback-target.js'
import { isHostAllowed } from './private-names.js'
import { type Refusal, Refusals } from './refusals.js'
import { Resolver } from './resolver.js'
import { judgeUrlText, type UrlJudgement, type UrlTarget } from './url-text-policy.js'
import { webhookRefused } from './webhooks.errors.js'

/** The addresses that a socket may be connected to; or why there are none. */
export type ResolvedTarget =
  { readonly ok: true; readonly addresses: readonly string[] } | { readonly ok: false; readonly reason: string }

/** How many accepted texts are remembered. */
const REMEMBERED = 1_000

/** Judges where webhooks go: when a run is created, and again before each attempt (webhooks contract section 4). */
@Injectable()
export class WebhookUrlGuard extends WebhookPolicy {
  readonly #judged = new RecentMap<string, UrlJudgement>(REMEMBERED)

  constructor(
    private readonly settings: Settings,
    private readonly loopback: LoopbackTarget,
    private readonly resolver: Resolver,
    private readonly refusals: Refusals,
  ) {
    super()
  }

  /** Judges the text only: no DNS answer is needed when a run is created. */
  override check(webhook: string): void {
    const judgement = this.judge(webhook)
    if (!judgement.ok) {
      this.tell({ point: 'creation', rule: judgement.rule, reason: judgement.reason })
      throw webhookRefused(judgement.detail)
    }
    if (judgement.target.kind === 'path' && !this.loopback.takes(judgement.target.path)) {
      this.tell({ point: 'creation', rule: 'no_taker', reason: 'nothing here takes paths' })
      throw webhookRefused('webhook: this server has no custom routes that could take a path')
    }
  }

  /** Logs and counts a refusal. */
  tell(refusal: Refusal): void {
    this.refusals.tell(refusal)
  }

  /** What the text says, without an exception. A yes is remembered: it follows from text and configuration alone. */
  judge(webhook: string): UrlJudgement {
    const known = this.#judged.get(webhook)
    if (known) return known
    const judgement = judgeUrlText(webhook, this.settings.webhooks)
    if (judgement.ok) this.#judged.set(webhook, judgement)
    return judgement
  }

  /**
   * Looks a target's name up, once, and judges every address: one forbidden among them refuses the target. The socket
   * may be connected to one of the addresses given and to no other.
   * @throws Error with Node's DNS codes when the name does not resolve.
   */
  async resolveTarget(target: UrlTarget): Promise<ResolvedTarget> {
    const { webhooks } = this.settings
    const addresses = target.isLiteral ? [target.host] : await this.resolver.resolve(target.host)
    const isListed = isHostAllowed(target.host, webhooks.allowedTargets)
    if (addresses.length === 0) return { ok: false, reason: 'no address' }
    for (const address of addresses) {
      const judgement = judgeAddress(address, webhooks, isListed)
      if (!judgement.ok) return judgement
    }
    return { ok: true, addresses }
  }
}
