import 'reflect-metadata'
import { IsIn, IsOptional, IsString } from 'class-validator'
import { describe, expect, it } from 'vitest'
import { parseDto } from './dto-validation.js'
import { IsJsonObject } from './is-json-object.js'
import { PageDto, pageOf } from './page.dto.js'
import { RequestBodyPipe } from './request-body.pipe.js'

class SearchDto extends PageDto {
  @IsOptional()
  @IsJsonObject()
  metadata?: Record<string, unknown> | null

  @IsOptional()
  @IsIn(['name', 'id'], { each: true })
  select?: string[] | null

  @IsString()
  name: string
}

describe('parseDto', () => {
  it('takes known properties as they are and leaves the others out', () => {
    const dto = parseDto(SearchDto, { name: 'a', limit: 3, metadata: null, assistantId: 'leftover', constructor: 'x' })
    expect(dto).toBeInstanceOf(SearchDto)
    expect(JSON.parse(JSON.stringify(dto))).toEqual({ name: 'a', limit: 3, metadata: null })
    expect(pageOf(dto)).toEqual({ limit: 3, offset: 0 })
  })

  it('leaves nested objects alone, whatever their keys', () => {
    const metadata = { constructor: 'x', nested: { constructor: { name: 'z' } } }
    expect(parseDto(SearchDto, { name: 'a', metadata }).metadata).toBe(metadata)
  })

  it('names each property and its problem', () => {
    expect(() => parseDto(SearchDto, { limit: 0, offset: 1.5, metadata: [], name: 'a' })).toThrow(
      'metadata: must be an object; limit: must not be less than 1; offset: must be an integer number',
    )
    expect(() => parseDto(SearchDto, { name: 'a', limit: '3' })).toThrow('limit:')
    expect(() => parseDto(SearchDto, { name: 'a', select: ['name', 'secret'] })).toThrow('select:')
    expect(() => parseDto(SearchDto, undefined)).toThrow('name: must be a string')
  })

  it('puts the path before the properties of a nested DTO', () => {
    expect(() => parseDto(SearchDto, {}, 'items[2]')).toThrow('items[2].name: must be a string')
    expect(() => parseDto(SearchDto, 'text', 'items[2]')).toThrow('items[2]: must be an object')
  })

  it.each([[[]], ['text'], [3], [true]])('refuses %j as a body', (body) => {
    expect(() => parseDto(SearchDto, body)).toThrow('body: must be an object')
  })

  it('refuses a body nested too deeply to be stored', () => {
    const deep: unknown = JSON.parse(`${'[['.repeat(100_000)}${']]'.repeat(100_000)}`)
    expect(() => parseDto(SearchDto, { name: 'a', metadata: { deep } })).toThrow('body: nested deeper than 500 levels')
  })
})

describe('RequestBodyPipe', () => {
  const pipe = new RequestBodyPipe()

  it('validates a body that is declared as a class', () => {
    expect(pipe.transform({ name: 'a' }, { type: 'body', metatype: SearchDto })).toBeInstanceOf(SearchDto)
    expect(() => pipe.transform(null, { type: 'body', metatype: SearchDto })).toThrow('name: must be a string')
  })

  it('leaves other arguments alone', () => {
    expect(pipe.transform(null, { type: 'body', metatype: Object })).toBeNull()
    expect(pipe.transform('3', { type: 'query', metatype: SearchDto, data: 'limit' })).toBe('3')
  })
})
