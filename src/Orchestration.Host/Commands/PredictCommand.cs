using System.CommandLine;
using Orchestration.Host.Terminals;

namespace Orchestration.Host.Commands;

/// <summary><c>predict</c>: what runs will take, by what past runs took.</summary>
internal static class PredictCommand
{
    /// <summary>The size of the run's input.</summary>
    public static Option<long?> NewInputSize(string otherwise)
    {
        var option = new Option<long?>("--input-size") { HelpName = "SIZE", Description = $"Bytes of the run's input, such as 31700000, 31.7MB or 30MiB [default: {otherwise}]" };
        option.CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (ByteSize.TryParse(text, out var bytes))
                return bytes;
            result.AddError($"{option.Name}: '{text}' is not a size. Write it like 31700000, 31.7MB or 30MiB.");
            return null;
        };
        return option;
    }

    public static Command Create() => new("predict", "Tell what runs will take and cost, by what past runs took.")
    {
        PredictActionsCommand.Create(), PredictWorkflowCommand.Create(), PredictBacktestCommand.Create(),
    };
}
