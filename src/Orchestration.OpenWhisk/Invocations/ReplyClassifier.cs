using Orchestration.Core.Json;
using Orchestration.Core.Objects;
using Orchestration.Core.Ports;
using Orchestration.Core.Retries;
using Orchestration.OpenWhisk.Http;

namespace Orchestration.OpenWhisk.Invocations;

/// <summary>What a reply means, with the object that the action's report is stored as when it is not in the reply.</summary>
internal readonly record struct Classified(InvokeReply Reply, ObjectKey? StoredReport = null);

/// <summary>
/// Reads OpenWhisk's replies to an invoke and to a question for an activation. The rule to tell outcomes apart: an activation id marks an activation's outcome,
/// a body with <c>code</c> is a refusal by the platform, anything else comes from a proxy in between and leaves open what happened.
/// </summary>
internal sealed class ReplyClassifier(string place)
{
    // The error of the record that the local OpenWhisk writes at its next start for what ran when it was stopped or killed.
    private const string StoppedMeanwhile = "The local OpenWhisk stopped while the activation ran. Whether the action finished its work is unknown.";

    public Classified Invoke(InvokeRequest request, ActionTarget target, WhiskReply reply)
    {
        if (reply.Status is 200 or 202 or 500 or 502)
        {
            if (reply.TooLong)
                return Unreadable(reply.ActivationId, $"is longer than {nameof(OpenWhiskOptions.MaxReplyBytes)} allows");
            if (reply.BodyProblem is null && Outcome(request, reply) is { } outcome)
                return outcome;
            // It was accepted; what the reply failed to say the record will.
            if (reply.ActivationId is not null)
                return new(new InvokeReply.Accepted(reply.ActivationId));
        }
        return new(PlatformAnswer(target, reply));
    }

    public Classified Activation(InvokeRequest request, ActionTarget target, string activationId, WhiskReply reply)
    {
        switch (reply.Status)
        {
            case 200 when reply.TooLong:
                return Unreadable(activationId, $"is longer than {nameof(OpenWhiskOptions.MaxReplyBytes)} allows");
            case 200 when reply.BodyProblem is null:
                var reading = ActivationRecord.TryRead(reply.Body, out var record);
                if (reading == RecordReading.TooDeep)
                    return TooDeep(activationId);
                return reading == RecordReading.Record && record.Ended ? Ended(request, reply.Body, record) : new(new InvokeReply.Accepted(activationId));
            case 400 or 401 or 403:
                var refusal = PlatformAnswer(target, reply);
                return new(refusal with { ActivationId = activationId });
            default:
                return new(new InvokeReply.Accepted(activationId));
        }
    }

    public static InvokeReply.Failed Failed(AttemptOutcome outcome, string? code, string message) =>
        new(null, null, outcome, new Failure(code, message), ObjectReport.None);

    private static Classified? Outcome(InvokeRequest request, WhiskReply reply)
    {
        // An array as result comes bare, without its record (apache/openwhisk#5500).
        if (reply.Status == 200 && reply.ActivationId is not null && reply.LooksLikeArray && BareResult(reply) is { } bare)
            return bare;
        if (!reply.LooksLikeObject)
            return null;
        var reading = ActivationRecord.TryRead(reply.Body, out var record);
        if (reading == RecordReading.TooDeep)
            return TooDeep(reply.ActivationId);
        if (reading != RecordReading.Record)
            return null;
        return record.Ended ? Ended(request, reply.Body, record) : new(new InvokeReply.Accepted(record.Id!));
    }

    private static Classified? BareResult(WhiskReply reply)
    {
        try
        {
            return new(new InvokeReply.Succeeded(reply.ActivationId, null, JsonBytes.Parse(reply.Body.ToArray()), ObjectReport.None));
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    public static Classified Ended(InvokeRequest request, ReadOnlySpan<byte> text, ActivationRecord record)
    {
        if (record.Success || record.Status == "success")
        {
            var hasResult = record.Result.End.Value > 0;
            var (result, member) = hasResult ? ReservedMember.Strip(text[record.Result]) : (JsonBytes.Null, null);
            var (report, stored) = Report(member, request);
            return new(new InvokeReply.Succeeded(record.Id, record.Timing, result, report), stored);
        }

        var hasError = record.Error.End.Value > 0;
        var (error, inError) = hasError ? ReservedMember.Strip(text[record.Error]) : (JsonBytes.Null, null);
        var (used, storedAs) = Report(inError, request);
        var failure = hasError ? FailureOf(error) : new Failure(null, $"The activation ended as '{record.Status}' without an error.");
        var outcome = OutcomeOf(record, failure);
        var how = outcome == AttemptOutcome.Throttled ? Pushbacks.Read(failure.Message) : null;
        return new(new InvokeReply.Failed(record.Id, record.Timing, outcome, failure, used) { Pushback = how }, storedAs);
    }

    private static (ObjectReport Report, ObjectKey? StoredAs) Report(JsonBytes? member, InvokeRequest request) =>
        member is { } found ? ReservedMember.Read(found.Utf8, request) : (ObjectReport.None, null);

    private static Failure FailureOf(JsonBytes error)
    {
        try
        {
            return Failure.FromActionError(error);
        }
        catch (InvalidOperationException)
        {
            // A string with an escape that is no character, such as half a surrogate pair: the action's to put there, ours to pass on.
            return new Failure(null, error.ToString(), error);
        }
    }

    private static AttemptOutcome OutcomeOf(ActivationRecord record, Failure failure) => record.Status switch
    {
        "application error" => AttemptOutcome.ApplicationError,
        "action developer error" when record.TimedOut => AttemptOutcome.Timeout,
        "action developer error" or "whisk internal error" when failure.Message == Pushbacks.AfterAcceptance => AttemptOutcome.Throttled,
        "whisk internal error" when failure.Message == StoppedMeanwhile => AttemptOutcome.Interrupted,
        "action developer error" => AttemptOutcome.DeveloperError,
        _ => AttemptOutcome.WhiskError,
    };

    private static Classified TooDeep(string? activationId) => Unreadable(activationId, $"is nested deeper than {ActivationRecord.DeepestResult} levels");

    private static Classified Unreadable(string? activationId, string what) =>
        new(Failed(AttemptOutcome.DeveloperError, null, $"The action's result {what}: let the action store large or deep data as an object and return its name.") with { ActivationId = activationId });

    private InvokeReply.Failed PlatformAnswer(ActionTarget target, WhiskReply reply)
    {
        var said = reply.ErrorText();
        var text = said is null ? "" : $": {said.TrimEnd('.')}";
        var code = reply.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var what = $"{target} at {place}";
        InvokeReply.Failed Rejected(string message) => Failed(AttemptOutcome.Rejected, code, message);
        return reply.Status switch
        {
            429 => Failed(AttemptOutcome.Throttled, code, $"OpenWhisk throttles {what} (429){text}.") with { Pushback = Pushbacks.Read(said) },
            503 => Failed(AttemptOutcome.Unavailable, code, $"OpenWhisk is not available for {what} (503){text}.") with { Pushback = Pushbacks.Unavailable },
            401 => Rejected($"OpenWhisk refuses the credentials for {what} (401){text}. Give the right ones with --auth UUID:KEY, or AUTH in ~/.wskprops; 'wsk property get --auth' prints them."),
            403 => Rejected($"OpenWhisk doesn't allow {what} with these credentials (403){text}. Use the namespace's own credentials (--auth UUID:KEY), or have its package shared."),
            404 when said is null => Rejected($"{what}: answered 404, and not as OpenWhisk does. Check the URL (--openwhisk, or APIHOST in ~/.wskprops)."),
            404 => Rejected($"There is no {what} (404). Deploy it with 'wsk action create {target.Name} FILE', or correct its name; 'wsk action list' shows the actions there."),
            409 => Rejected($"{what} is not an action (409){text}. Name an action, PACKAGE/NAME when it is in a package."),
            413 => Rejected($"The parameters of {what} are too large (413){text}. Pass large data as an object of the object store."),
            400 or 415 => Rejected($"OpenWhisk refuses the request for {what} ({code}){text}."),
            >= 300 and < 400 => Rejected($"{place} redirects ({code}) to {reply.Redirect ?? "another place"} instead of invoking {target}. Give OpenWhisk's own URL with --openwhisk or APIHOST."),
            408 => Unknown($"{what}: the answer was 408{text}, which leaves open whether it was started."),
            >= 400 and < 500 => Rejected($"{what}: the request was refused ({code}){text}. Check the URL (--openwhisk, or APIHOST in ~/.wskprops)."),
            _ => Unknown($"{what}: {reply.BodyProblem ?? $"the answer ({code}) is not of an activation{text}"}; this leaves open whether it was started."),
        };

        InvokeReply.Failed Unknown(string message) => Failed(AttemptOutcome.Unknown, code, message);
    }
}
