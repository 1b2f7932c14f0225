import { Global, Module } from '@nestjs/common'
import { Authentication } from './authentication.js'
import { Authorization } from './authorization.js'
import { CallerContext } from './caller-context.js'
import { CustomAuth } from './custom-auth.js'
import { CustomAuthentication } from './custom-authentication.js'

const DOORS = [Authentication, Authorization, CallerContext, CustomAuth]

/** Who calls, and what they may do: asked by every feature room. */
@Global()
@Module({ providers: [...DOORS, CustomAuthentication], exports: DOORS })
export class AuthModule {}
