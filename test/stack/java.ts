// How Java runs under the tests, in whatever they start: brokers and clients that live for seconds, of whose time most
// would go to the compiler that pays only in a process that lives for long. Import it before anything is started.

process.env['JDK_JAVA_OPTIONS'] ??= '-XX:TieredStopAtLevel=1'
