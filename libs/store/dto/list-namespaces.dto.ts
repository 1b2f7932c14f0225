import { IsArray, IsInt, IsOptional, IsString, Max, Min } from 'class-validator'
import { PageDto } from '#http'

/** Body of `POST /store/namespaces` (contract section 9); in both lists `*` stands for any one label. */
export class ListNamespacesDto extends PageDto {
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  prefix?: string[] | null

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  suffix?: string[] | null

  /** Longer namespaces are cut to so many labels. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  max_depth?: number | null
}
