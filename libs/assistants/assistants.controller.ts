import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common'
import type { QueryValue, ReplyHeaders } from '#http'
import { pageOf, parseBooleanQuery, pickSelected, setPaginationHeaders } from '#http'
import { AssistantChanges } from './assistant-changes.js'
import { AssistantCreation } from './assistant-creation.js'
import { AssistantRemoval } from './assistant-removal.js'
import { toWireAssistant, toWireVersion, type WireAssistant, type WireAssistantVersion } from './assistant-wire.js'
import { AssistantsService } from './assistants.service.js'
import { AssistantVersionsDto } from './dto/assistant-versions.dto.js'
import { assistantFilterOf, CountAssistantsDto } from './dto/count-assistants.dto.js'
import { assistantRequestOf, CreateAssistantDto } from './dto/create-assistant.dto.js'
import { assistantPatchOf, PatchAssistantDto } from './dto/patch-assistant.dto.js'
import { SearchAssistantsDto } from './dto/search-assistants.dto.js'
import { SetLatestDto, wantedVersion } from './dto/set-latest.dto.js'

/** `/assistants` (contract 3.2 to 3.9). Every id may also be a graph's. */
@Controller('assistants')
export class AssistantsController {
  constructor(
    private readonly assistants: AssistantsService,
    private readonly creation: AssistantCreation,
    private readonly changes: AssistantChanges,
    private readonly removal: AssistantRemoval,
  ) {}

  @Post()
  @HttpCode(200)
  async create(@Body() body: CreateAssistantDto): Promise<WireAssistant> {
    return toWireAssistant(await this.creation.create(assistantRequestOf(body)))
  }

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

  @Patch(':assistant_id')
  async update(@Param('assistant_id') assistantId: string, @Body() body: PatchAssistantDto): Promise<WireAssistant> {
    return toWireAssistant(await this.changes.update(assistantId, assistantPatchOf(body)))
  }

  /** Answers with the id in a list (contract 3.5). */
  @Delete(':assistant_id')
  async delete(
    @Param('assistant_id') assistantId: string,
    @Query('delete_threads') deleteThreads: QueryValue,
  ): Promise<string[]> {
    return [await this.removal.delete(assistantId, parseBooleanQuery(deleteThreads, 'delete_threads') ?? false)]
  }

  @Post(':assistant_id/versions')
  @HttpCode(200)
  async versions(
    @Param('assistant_id') assistantId: string,
    @Body() body: AssistantVersionsDto,
  ): Promise<WireAssistantVersion[]> {
    return (await this.assistants.versions(assistantId, body.metadata ?? null, pageOf(body))).map(toWireVersion)
  }

  @Post(':assistant_id/latest')
  @HttpCode(200)
  async setLatest(
    @Param('assistant_id') assistantId: string,
    @Body() body: SetLatestDto,
    @Query('version') version: QueryValue,
  ): Promise<WireAssistant> {
    return toWireAssistant(await this.changes.setLatest(assistantId, wantedVersion(body, version)))
  }
}
