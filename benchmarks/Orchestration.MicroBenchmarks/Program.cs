using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Orchestration.MicroBenchmarks.Deciding).Assembly).Run(args);
