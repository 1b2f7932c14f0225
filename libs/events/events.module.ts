import { Global, Module } from '@nestjs/common'
import { EventBus } from './event-bus.js'

/** The bus, for every feature room. */
@Global()
@Module({ providers: [EventBus], exports: [EventBus] })
export class EventsModule {}
