import { IsArray, IsBoolean, IsOptional, IsString } from 'class-validator'
import { IsJsonObject, PageDto } from '#http'
import type { JsonObject } from '#kernel'

/** Body of `POST /store/items/search` (contract section 9). */
export class SearchItemsDto extends PageDto {
  /** Empty or absent: everything. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  namespace_prefix?: string[] | null

  /** Top-level fields of the value, each with a value or with operators. */
  @IsOptional()
  @IsJsonObject()
  filter?: JsonObject | null

  /** What the items should be about; without an index it is ignored. */
  @IsOptional()
  @IsString()
  query?: string | null

  /** Whether the lifetimes of what is found begin anew; as configured when absent. */
  @IsOptional()
  @IsBoolean()
  refresh_ttl?: boolean | null
}
