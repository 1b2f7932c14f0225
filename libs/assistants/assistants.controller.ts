import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common'
import type { ReplyHeaders } from '#http'
import { pageOf, pickSelected, setPaginationHeaders } from '#http'
import { toWireAssistant, type WireAssistant } from './assistant-wire.js'
import { AssistantsService } from './assistants.service.js'
import { assistantFilterOf, CountAssistantsDto } from './dto/count-assistants.dto.js'
import { SearchAssistantsDto } from './dto/search-assistants.dto.js'

/** `/assistants` (contract section 3). */
@Controller('assistants')
export class AssistantsController {
  constructor(private readonly assistants: AssistantsService) {}

  @Post('search')
  @HttpCode(200)
  async search(
    @Body() body: SearchAssistantsDto,
    @Res({ passthrough: true }) reply: ReplyHeaders,
  ): Promise<Partial<WireAssistant>[]> {
    const page = pageOf(body)
    const order = { by: body.sort_by ?? 'created_at', direction: body.sort_order ?? 'desc' } as const
    const { assistants, total } = await this.assistants.search(assistantFilterOf(body), order, page)
    setPaginationHeaders(reply, page, total)
    return assistants.map((assistant) => pickSelected(toWireAssistant(assistant), body.select))
  }

  @Post('count')
  @HttpCode(200)
  count(@Body() body: CountAssistantsDto): Promise<number> {
    return this.assistants.count(assistantFilterOf(body))
  }

  @Get(':assistant_id')
  async get(@Param('assistant_id') assistantId: string): Promise<WireAssistant> {
    return toWireAssistant(await this.assistants.get(assistantId))
  }
}
