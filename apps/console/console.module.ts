import { Module } from '@nestjs/common'
import { ConsoleController } from './console.controller.js'

/** The console, in `signalbox dev`. */
@Module({ controllers: [ConsoleController] })
export class ConsoleModule {}
