import { IsArray, IsOptional, IsString } from 'class-validator'

/** Body of `DELETE /store/items` (contract section 9). */
export class DeleteItemDto {
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  namespace?: string[] | null

  @IsString()
  key: string
}
