namespace Orchestration.OpenWhisk.Tests; public class A { [Fact] public void T() { Assert.True(true); } }
