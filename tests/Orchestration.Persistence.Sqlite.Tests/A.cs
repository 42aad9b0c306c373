namespace Orchestration.Persistence.Sqlite.Tests; public class A { [Fact] public void T() { Assert.True(true); } }
