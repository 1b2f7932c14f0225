import { Controller, Get, Param, Query } from '@nestjs/common'
import { GraphDrawing, GraphSchemas } from '#graphs'
import { parseBooleanQuery, type QueryValue } from '#http'
import type { JsonObject } from '#kernel'
import type { Assistant } from './assistant.entity.js'
import { AssistantsService } from './assistants.service.js'
import { toWireSchemas, toWireSubgraphs, type WireGraphSchemas, type WireSubgraph } from './graph-schemas-wire.js'
import { parseXray } from './xray.js'

/** What an assistant's graph looks like (contract 3.10 to 3.12). */
@Controller('assistants/:assistant_id')
export class AssistantGraphsController {
  constructor(
    private readonly assistants: AssistantsService,
    private readonly drawing: GraphDrawing,
    private readonly schemas: GraphSchemas,
  ) {}

  @Get('graph')
  async graph(@Param('assistant_id') assistantId: string, @Query('xray') xray: QueryValue): Promise<JsonObject> {
    const depth = parseXray(xray)
    return this.drawing.draw(await this.#assistant(assistantId), depth)
  }

  @Get('subgraphs')
  subgraphs(
    @Param('assistant_id') assistantId: string,
    @Query('recurse') recurse: QueryValue,
  ): Promise<Record<string, WireSubgraph>> {
    return this.#subgraphs(assistantId, null, recurse)
  }

  /** The namespace may come raw (JS) or percent-encoded (Python); a node's name may hold a slash. */
  @Get('subgraphs/*')
  subgraphsOfNamespace(
    @Param('assistant_id') assistantId: string,
    @Param('*') namespace: string,
    @Query('recurse') recurse: QueryValue,
  ): Promise<Record<string, WireSubgraph>> {
    return this.#subgraphs(assistantId, namespace, recurse)
  }

  @Get('schemas')
  async readSchemas(@Param('assistant_id') assistantId: string): Promise<WireGraphSchemas> {
    const assistant = await this.#assistant(assistantId)
    return toWireSchemas(assistant.graphId, await this.schemas.read(assistant))
  }

  async #subgraphs(
    assistantId: string,
    namespace: string | null,
    recurse: QueryValue,
  ): Promise<Record<string, WireSubgraph>> {
    const query = { namespace: namespace || null, recurse: parseBooleanQuery(recurse, 'recurse') ?? false }
    return toWireSubgraphs(await this.schemas.readSubgraphs(await this.#assistant(assistantId), query))
  }

  #assistant(assistantId: string): Promise<Assistant> {
    return this.assistants.get(assistantId)
  }
}
