/**
 * What the statements over vectors need of pgvector where it is not installed: a type that knows a length, and a
 * distance that is never looked at.
 */
export const STAND_IN_FOR_VECTORS = [
  'CREATE TYPE vector',
  `CREATE FUNCTION vector_in(cstring, oid, integer) RETURNS vector LANGUAGE internal IMMUTABLE AS 'textin'`,
  `CREATE FUNCTION vector_out(vector) RETURNS cstring LANGUAGE internal IMMUTABLE AS 'textout'`,
  `CREATE TYPE vector (INPUT = vector_in, OUTPUT = vector_out, TYPMOD_IN = varbittypmodin, TYPMOD_OUT = varbittypmodout)`,
  'CREATE CAST (text AS vector) WITH INOUT',
  `CREATE FUNCTION vector_distance(vector, vector) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT 0::float8'`,
  'CREATE OPERATOR <=> (LEFTARG = vector, RIGHTARG = vector, FUNCTION = vector_distance)',
]
