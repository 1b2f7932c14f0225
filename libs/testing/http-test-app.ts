import { type ArgumentsHost, Catch, type DynamicModule, type ExceptionFilter, Module } from '@nestjs/common'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { TestingModuleBuilder } from '@nestjs/testing'
import type { FastifyReply } from 'fastify'
import { Database, DatabasePool, UnitOfWork } from '#database'
import { RequestBodyPipe } from '#http'
import { AppError } from '#kernel'
import type { TestDatabase } from './test-database.js'

/** A test database in the place of `DatabaseModule`. Closing the application leaves it open. */
@Module({})
export class TestDatabaseModule {
  static register({ database, unitOfWork, pool }: TestDatabase): DynamicModule {
    const providers = [
      { provide: Database, useValue: database },
      { provide: UnitOfWork, useValue: unitOfWork },
      { provide: DatabasePool, useValue: { pool } },
    ]
    return { module: TestDatabaseModule, global: true, providers, exports: providers }
  }
}

/** Answers with the status and text of an `AppError`; anything else is a fault of the test and goes on. */
@Catch(AppError)
class AppErrorFilter implements ExceptionFilter<AppError> {
  catch({ status, message }: AppError, host: ArgumentsHost): void {
    void host.switchToHttp().getResponse<FastifyReply>().status(status).send({ detail: message })
  }
}

/** Gives an application that is not yet initialised what the edge does to bodies and errors. */
export function useTestEdge(app: NestFastifyApplication): void {
  app.useGlobalPipes(new RequestBodyPipe())
  app.useGlobalFilters(new AppErrorFilter())
}

/** The application of one room's module, for requests by `app.inject`. The caller closes it. */
export async function openHttpTestApp(builder: TestingModuleBuilder): Promise<NestFastifyApplication> {
  const module = await builder.compile()
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false })
  useTestEdge(app)
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  return app
}
