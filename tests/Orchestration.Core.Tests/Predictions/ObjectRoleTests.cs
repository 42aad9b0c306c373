using Orchestration.Core.Objects;
using Orchestration.Core.Predictions;

namespace Orchestration.Core.Tests.Predictions;

public class ObjectRoleTests
{
    [Theory]
    [InlineData("chunks/chunk_0_1714017881.mp4", null, "chunks/chunk_{n}_{n}.mp4")]
    [InlineData("out/output_clip-60s_6b04d888ee4305d62646e8ff_360p.mp4", "in/clip-60s.mp4", "out/output_{input}_{id}_360p.mp4")]
    [InlineData("b/550e8400-e29b-41d4-a716-446655440000.json", null, "b/{id}.json")]
    [InlineData("b/part.0001.csv", null, "b/part.{n}.csv")]
    [InlineData("b-2024/v2/deadbeef/cafe", null, "b-2024/v2/deadbeef/cafe")]
    [InlineData("b/abcdefabcdefabcdef", null, "b/abcdefabcdefabcdef")]
    [InlineData("b/a.txt", "in/a.txt", "b/a.txt")]
    [InlineData("b/2024-05-06/weights.bin", null, "b/{n}-{n}-{n}/weights.bin")]
    public void The_role_is_what_the_names_of_all_runs_share(string key, string? input, string role) =>
        Assert.Equal(role, ObjectRole.Of(ObjectKey.Parse(key), input is null ? null : ObjectKey.Parse(input)));
}
