import { Module } from '@nestjs/common'
import { GraphsModule } from '#graphs'
import { Entrance } from '../auth/entrance.js'
import { CustomApp } from './custom-app.js'

/** The project's own routes, and who is let in to all routes. */
@Module({ imports: [GraphsModule], providers: [CustomApp, Entrance], exports: [CustomApp, Entrance] })
export class CustomAppModule {}
