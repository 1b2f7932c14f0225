import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Injectable, Module } from '@nestjs/common'
import { ConfigService } from '@nestjs/config'
import { Test } from '@nestjs/testing'
import { afterAll, expect, it } from 'vitest'
import { loadSettings } from './load-settings.js'
import { SettingsModule } from './settings.module.js'
import { Settings } from './settings.js'

const folder = mkdtempSync(join(tmpdir(), 'signalbox-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

@Injectable()
class Reader {
  constructor(
    readonly settings: Settings,
    readonly config: ConfigService,
  ) {}
}

@Module({ providers: [Reader] })
class FeatureModule {}

it('gives every room the settings, and ConfigService a view without secrets', async () => {
  writeFileSync(join(folder, 'agent.ts'), '')
  writeFileSync(join(folder, 'langgraph.json'), JSON.stringify({ graphs: { agent: './agent.ts:graph' } }))
  const environment = { SIGNALBOX_ADMIN_KEY: 'sesame', SIGNALBOX_PORT: '1234' }
  const settings = loadSettings({ mode: 'dev', configFile: join(folder, 'langgraph.json'), environment })
  const before = { ...process.env }

  const app = await Test.createTestingModule({ imports: [SettingsModule.register(settings), FeatureModule] }).compile()
  const reader = app.get(Reader, { strict: false })

  expect(reader.settings).toBe(settings)
  expect(reader.config.get('signalbox.http.port')).toBe(1234)
  expect(reader.config.get('signalbox.webhooks.url.maxUrlLength')).toBe(2048)
  expect(reader.config.get('signalbox.adminKey')).toBe('[hidden]')
  expect(JSON.stringify(reader.config)).not.toContain('sesame')
  expect({ ...process.env }).toEqual(before)
  await app.close()
})
