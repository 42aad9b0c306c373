using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Orchestration.LocalWhisk.Storage;

/// <summary>
/// Activation records in a row of files, with an index in memory of what a list filters and sorts by. The oldest file goes when
/// there are more records, or more bytes, than are to be kept. Not safe for several threads, except <see cref="Read"/>.
/// </summary>
internal sealed class RecordLog : IDisposable
{
    // Files are dropped whole, so a tenth is what is given up at a time.
    private const int Parts = 10;
    private readonly string _folder;
    private readonly int _maxRecords;
    private readonly long _maxBytes;
    private readonly List<Segment> _segments = [];
    private readonly Dictionary<Guid, RecordRef> _byId = [];
    private readonly SortedSet<RecordRef> _newestFirst = new(RecordRef.NewestFirst);
    private long _sequence;
    private long _bytes;

    public RecordLog(string folder, int maxRecords, long maxBytes)
    {
        (_folder, _maxRecords, _maxBytes) = (folder, maxRecords, maxBytes);
        foreach (var path in Directory.GetFiles(folder, "records-*.jsonl").Order(StringComparer.Ordinal))
            Load(path);
    }

    /// <summary>There is more than is to be kept.</summary>
    public bool IsOverfull => _segments.Count > 1 && (_byId.Count > _maxRecords || _bytes > _maxBytes);

    /// <summary>All records, the one that started last first.</summary>
    public IReadOnlySet<RecordRef> NewestFirst => _newestFirst;

    public bool TryFind(Guid id, [NotNullWhen(true)] out RecordRef? record) => _byId.TryGetValue(id, out record);

    public static byte[]? Read(RecordRef record) => record.Segment.File.Read(record.Offset, record.Length);

    public void Append(Guid id, string name, long start, byte[] json)
    {
        if (_segments is not [.., var last] || last.Count >= Math.Max(1, _maxRecords / Parts) || last.File.Length >= _maxBytes / Parts)
            last = AddSegment();
        Index(last, id, name, start, last.File.Append(json), json.Length);
    }

    public void DropOldest()
    {
        while (IsOverfull)
        {
            var oldest = _segments[0];
            foreach (var record in _newestFirst.Where(r => r.Segment == oldest).ToList())
            {
                _newestFirst.Remove(record);
                _byId.Remove(record.Id);
                _bytes -= record.Length + 1;
            }
            _segments.RemoveAt(0);
            oldest.File.Remove();
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
            segment.File.Dispose();
    }

    private Segment AddSegment()
    {
        var number = _segments is [.., var last] ? last.Number + 1 : 1;
        var segment = new Segment(number, new LineFile(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"records-{number:D8}.jsonl"))));
        _segments.Add(segment);
        return segment;
    }

    private void Load(string path)
    {
        if (!int.TryParse(Path.GetFileNameWithoutExtension(path)["records-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return;
        var segment = new Segment(number, new LineFile(path));
        _segments.Add(segment);
        segment.File.Scan((offset, line) =>
        {
            // A damaged line is a record lost, not a server that cannot start.
            if (TryReadHead(line.Span, out var id, out var name, out var start))
                Index(segment, id, name, start, offset, line.Length);
        });
    }

    private static bool TryReadHead(ReadOnlySpan<byte> line, out Guid id, out string name, out long start)
    {
        (id, name, start) = (default, "", 0);
        if (line is not [.., (byte)'}'])
            return false;
        try
        {
            var reader = new Utf8JsonReader(line);
            for (var i = 0; i < 3; i++)
            {
                while (reader.TokenType != JsonTokenType.PropertyName)
                    if (!reader.Read())
                        return false;
                var (isId, isName, isStart) = (reader.ValueTextEquals("activationId"u8), reader.ValueTextEquals("name"u8), reader.ValueTextEquals("start"u8));
                reader.Read();
                if (isId)
                    id = Guid.ParseExact(reader.GetString()!, "N");
                else if (isName)
                    name = reader.GetString()!;
                else if (isStart)
                    start = reader.GetInt64();
            }
            name = NameWithPackage(line, name);
            return id != default && name.Length > 0 && start != 0;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    // A record's name is the simple one, and its annotation "path" is namespace/[package/]name. Behind it no text of the action's stands.
    private static string NameWithPackage(ReadOnlySpan<byte> line, string name)
    {
        var marker = "\"key\":\"path\",\"value\":"u8;
        var at = line.LastIndexOf(marker);
        if (at < 0)
            return name;
        var reader = new Utf8JsonReader(line[(at + marker.Length)..], isFinalBlock: false, default);
        var path = reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        return path.Split('/') is [_, var package, var action] ? $"{package}/{action}" : name;
    }

    private void Index(Segment segment, Guid id, string name, long start, long offset, int length)
    {
        var record = new RecordRef(id, string.Intern(name), start, ++_sequence, segment, offset, length);
        if (!_byId.TryAdd(id, record))
            return;
        _newestFirst.Add(record);
        segment.Count++;
        _bytes += length + 1;
    }

    internal sealed class Segment(int number, LineFile file)
    {
        public int Number { get; } = number;

        public LineFile File { get; } = file;

        public int Count { get; set; }
    }
}

/// <summary>Where a record is, and what a list filters and sorts by.</summary>
internal sealed record RecordRef(Guid Id, string Name, long Start, long Sequence, RecordLog.Segment Segment, long Offset, int Length)
{
    public static IComparer<RecordRef> NewestFirst { get; } = Comparer<RecordRef>.Create(static (a, b) =>
        b.Start.CompareTo(a.Start) is var order and not 0 ? order : b.Sequence.CompareTo(a.Sequence));
}
