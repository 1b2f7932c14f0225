import { Body, Controller, Get, Patch, Req, UseGuards } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { AdminGuard } from '../admin.guard.js'
import { requireKnownFields } from '../known-fields.js'
import { ChangeSettingsDto } from './change-settings.dto.js'
import { SwitchService } from './switch.service.js'
import { toWireSettings, type WireSettings } from './wire-settings.js'

const FIELDS: readonly (keyof ChangeSettingsDto)[] = ['disabled', 'by', 'reason', 'discard_held']

/** `/webhooks/settings` (webhooks contract section 6). */
@Controller('webhooks/settings')
@UseGuards(AdminGuard)
export class SwitchController {
  constructor(private readonly switches: SwitchService) {}

  @Get()
  async read(): Promise<WireSettings> {
    return toWireSettings(await this.switches.view())
  }

  /** @throws AppError `invalid_request`, `webhooks_off_by_file`. */
  @Patch()
  async change(@Body() body: ChangeSettingsDto, @Req() request: FastifyRequest): Promise<WireSettings> {
    requireKnownFields(request.body, FIELDS)
    await this.switches.change({
      disabled: body.disabled,
      by: body.by ?? null,
      reason: body.reason ?? null,
      address: request.socket.remoteAddress ?? null,
      discardHeld: body.discard_held ?? false,
    })
    return this.read()
  }
}
