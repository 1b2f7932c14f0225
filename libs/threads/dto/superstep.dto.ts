import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString } from 'class-validator'
import type { RunCommand, Superstep } from '#graphs'
import { IsJsonObject, parseDto } from '#http'
import type { JsonObject } from '#kernel'
import { IsGoto, IsStateValues, IsUpdate } from './state-validators.js'

/** Most parallel writes of one superstep. */
const MAX_UPDATES = 1_000

/** Writes that make one checkpoint together (contract 4.1). */
export class SuperstepDto {
  /** Each is read as a `SuperstepUpdateDto`. */
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_UPDATES)
  @IsArray()
  updates: unknown[]
}

/** One write of a superstep. */
export class SuperstepUpdateDto {
  @IsStateValues()
  values?: unknown

  /** Goes before `values`. Read as a `CommandDto`. */
  @IsOptional()
  @IsJsonObject()
  command?: JsonObject | null

  /** A node, `__input__`, `__start__`, `__copy__` or `__end__`. */
  @IsOptional()
  @IsString()
  as_node?: string | null
}

/** A command in its wire form (contract 5.6). */
export class CommandDto {
  @IsUpdate()
  update?: Exclude<RunCommand['update'], undefined>

  /** Anything. */
  @IsOptional()
  resume?: unknown

  @IsGoto()
  goto?: Exclude<RunCommand['goto'], undefined>
}

/** Reads `supersteps`. @throws AppError `invalid_request` naming the place. */
export function toSupersteps(supersteps: readonly unknown[] | null | undefined): Superstep[] {
  return (supersteps ?? []).map((superstep, index) => {
    const path = `supersteps[${index}]`
    const { updates } = parseDto(SuperstepDto, superstep, path)
    return updates.map((update, place) => toUpdate(update, `${path}.updates[${place}]`))
  })
}

function toUpdate(update: unknown, path: string): Superstep[number] {
  const { values, command, as_node } = parseDto(SuperstepUpdateDto, update, path)
  return {
    values: values ?? null,
    command: command ? parseDto(CommandDto, command, `${path}.command`) : null,
    asNode: as_node ?? null,
  }
}
