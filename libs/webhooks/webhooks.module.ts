import { HttpModule } from '@nestjs/axios'
import { Global, Module } from '@nestjs/common'
import { WebhookPolicy } from '#kernel'
import { DeliveriesController } from './admin/deliveries.controller.js'
import { DeliveriesRepository } from './admin/deliveries.repository.js'
import { DeliveriesService } from './admin/deliveries.service.js'
import { Redelivery } from './admin/redelivery.js'
import { StatsRepository } from './admin/stats.repository.js'
import { WebhookStats } from './admin/webhook-stats.js'
import { WebhookTrial } from './admin/webhook-trial.js'
import { WebhooksController } from './admin/webhooks.controller.js'
import { BreakersRepository } from './breakers.repository.js'
import { ClaimKeeper } from './claim-keeper.js'
import { AttemptWatch } from './attempt-watch.js'
import { DeathLog } from './death-log.js'
import { DeliveryAttempt } from './delivery-attempt.js'
import { DeliveryMetrics } from './delivery-metrics.js'
import { HostBreakers } from './host-breakers.js'
import { HttpPost } from './http-post.js'
import { InspectorDesk } from './inspector/inspector-desk.js'
import { InspectorLoopback } from './inspector/inspector-loopback.js'
import { InspectorRoutes } from './inspector/inspector-routes.js'
import { Inspector } from './inspector/inspector.js'
import { LocalRoutes } from './local-routes.js'
import { LoopbackTarget } from './loopback-target.js'
import { OutcomeWriter } from './outcome-writer.js'
import { Refusals } from './refusals.js'
import { Resolver, SystemResolver } from './resolver.js'
import { RetryPlanner } from './retry-planner.js'
import { RetentionSweeper } from './retention/retention-sweeper.js'
import { RetentionRepository } from './retention/retention.repository.js'
import { SendingDesk } from './sending-desk.js'
import { SwitchWatch } from './switch/switch-watch.js'
import { SwitchController } from './switch/switch.controller.js'
import { SwitchRepository } from './switch/switch.repository.js'
import { SwitchService } from './switch/switch.service.js'
import { WebhookDispatcher } from './webhook-dispatcher.js'
import { WebhookMetrics } from './webhook-metrics.js'
import { WebhookOutbox } from './webhook-outbox.js'
import { WebhookSender } from './webhook-sender.js'
import { WebhookUrlGuard } from './webhook-url-guard.js'
import { WebhooksRepository } from './webhooks.repository.js'

/**
 * Webhooks, whole: the policy for who takes webhooks from callers, the outbox on the bus, the dispatcher (which the
 * composition root starts and stops) and the inspector. Global for `WebhookPolicy`, whose users may not import this
 * room.
 */
@Global()
@Module({
  imports: [HttpModule],
  controllers: [DeliveriesController, SwitchController, WebhooksController],
  providers: [
    { provide: Resolver, useFactory: () => new SystemResolver() },
    { provide: LoopbackTarget, useClass: LocalRoutes },
    InspectorLoopback,
    { provide: WebhookPolicy, useExisting: WebhookUrlGuard },
    WebhookUrlGuard,
    Refusals,
    WebhooksRepository,
    BreakersRepository,
    HostBreakers,
    RetryPlanner,
    WebhookOutbox,
    HttpPost,
    WebhookSender,
    OutcomeWriter,
    ClaimKeeper,
    DeliveryMetrics,
    AttemptWatch,
    DeathLog,
    DeliveryAttempt,
    SendingDesk,
    SwitchRepository,
    SwitchWatch,
    SwitchService,
    RetentionRepository,
    RetentionSweeper,
    WebhookDispatcher,
    WebhookMetrics,
    DeliveriesRepository,
    DeliveriesService,
    Redelivery,
    StatsRepository,
    WebhookStats,
    WebhookTrial,
    Inspector,
    InspectorDesk,
    InspectorRoutes,
  ],
  exports: [WebhookPolicy, WebhookDispatcher, RetentionSweeper, Inspector],
})
export class WebhooksModule {}
