import { Module } from '@nestjs/common'
import { Signals } from './signals.js'

/** The bus across processes: tells others, and hears them, where there may be others. */
@Module({ providers: [Signals] })
export class SignalsModule {}
