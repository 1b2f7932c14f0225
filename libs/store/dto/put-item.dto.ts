import { IsArray, IsNumber, IsOptional, IsPositive, IsString, Max } from 'class-validator'
import { IsJsonObject } from '#http'
import type { JsonObject } from '#kernel'
import { IsItemIndex } from './is-item-index.js'

/** A hundred years. */
const MAX_TTL_MINUTES = 100 * 365 * 24 * 60

/** Body of `PUT /store/items` (contract section 9). */
export class PutItemDto {
  /** Labels, none of them empty or with a dot. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  namespace?: string[] | null

  @IsString()
  key: string

  @IsJsonObject()
  value: JsonObject

  /** Paths of the texts to find the item by; false for none; as configured when absent. */
  @IsOptional()
  @IsItemIndex()
  index?: false | string[] | null

  /** Minutes; as configured when absent. */
  @IsOptional()
  @IsNumber()
  @IsPositive()
  @Max(MAX_TTL_MINUTES)
  ttl?: number | null
}
