using System.Globalization;

namespace Orchestration.LocalWhisk.Tests.Support;

/// <summary>What the operating system says about processes.</summary>
internal static class Machine
{
    /// <summary>A zombie, whose parent has not asked for its exit code yet, is not alive.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static Task GoneAsync(int pid) => Eventually.TrueAsync(() => !IsAlive(pid), $"process {pid} is gone");
}
