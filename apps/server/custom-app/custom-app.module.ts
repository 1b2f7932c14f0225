import { Module } from '@nestjs/common'
import { GraphsModule } from '#graphs'
import { CustomApp } from './custom-app.js'

/** The project's own routes. */
@Module({ imports: [GraphsModule], providers: [CustomApp], exports: [CustomApp] })
export class CustomAppModule {}
