import { type DynamicModule, Module } from '@nestjs/common'
import { ScheduleModule } from '@nestjs/schedule'
import type { Pool } from 'pg'
import { AssistantsModule } from '#assistants'
import { AuthModule } from '#auth'
import { type Settings, SettingsModule } from '#config'
import { CronsModule } from '#crons'
import { DatabaseModule } from '#database'
import { EventsModule, SignalsModule } from '#events'
import { GraphsModule } from '#graphs'
import { HealthModule } from '#health'
import { KernelModule, type KernelOptions } from '#kernel'
import { RunsModule } from '#runs'
import { StoreModule } from '#store'
import { StreamingModule } from '#streaming'
import { ThreadsModule } from '#threads'
import { WebhooksModule } from '#webhooks'
import { ConsoleModule } from '../console/console.module.js'
import { ApiDocsModule } from './api-docs/api-docs.module.js'
import { CustomAppModule } from './custom-app/custom-app.module.js'

/** What the server is made from; clock and chance are the machine's own unless a test brings others. */
export interface ServerOptions extends KernelOptions {
  readonly settings: Settings
  /** The database, where somebody has begun to open it; `createApp` opens it when absent. */
  readonly pool?: Promise<Pool>
}

/** Every room of the server, on the adapters that the settings choose. */
@Module({})
export class AppModule {
  static register(options: ServerOptions, pool: Promise<Pool>): DynamicModule {
    const { settings } = options
    const foundation = [
      KernelModule.register(options),
      SettingsModule.register(settings),
      DatabaseModule.register(pool),
      EventsModule,
      SignalsModule,
      AuthModule,
      ScheduleModule.forRoot(),
    ]
    const rooms = [
      GraphsModule,
      CustomAppModule,
      StreamingModule,
      AssistantsModule,
      ThreadsModule,
      StoreModule,
      RunsModule,
      CronsModule,
      WebhooksModule,
    ]
    const pages = settings.mode === 'dev' ? [ConsoleModule] : []
    return { module: AppModule, imports: [...foundation, ...rooms, HealthModule, ApiDocsModule, ...pages] }
  }
}
