import { type DynamicModule, Global, Module } from '@nestjs/common'
import { ConfigModule } from '@nestjs/config'
import { Settings } from './settings.js'

/**
 * The settings for every room, by the token `Settings`. `ConfigService` serves them too, under `signalbox.…`
 * (`get('signalbox.http.port')`), with every secret hidden: whoever needs one injects `Settings`.
 */
@Global()
@Module({})
export class SettingsModule {
  static register(settings: Settings): DynamicModule {
    return {
      module: SettingsModule,
      imports: [
        ConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          ignoreEnvVars: true,
          skipProcessEnv: true,
          load: [() => ({ signalbox: JSON.parse(JSON.stringify(settings)) as Record<string, unknown> })],
        }),
      ],
      providers: [{ provide: Settings, useValue: settings }],
      exports: [Settings],
    }
  }
}
